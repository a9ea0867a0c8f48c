"""Each screen of the pay page, as HTML."""

from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from pathlib import Path
from urllib.parse import urlencode

import segno

from phonepe_simulator.markup import NOTHING, Markup, Templates, joined
from phonepe_simulator.pay_page.rupees import rupees
from phonepe_simulator.pay_page.sandbox_instruments import SANDBOX_CARDS
from phonepe_simulator.payments.attempts import Outcome, State
from phonepe_simulator.payments.modes import CardType, Mode
from phonepe_simulator.payments.orders import Order

PATH = "/transact/uat_v2"
TEMPLATES = Templates(Path(__file__).with_name("templates"))
fill = TEMPLATES.fill
POLL_EVERY = 3
RETURN_AFTER = 4
MODE_NAME = {
    Mode.UPI_INTENT: "UPI app",
    Mode.UPI_COLLECT: "UPI ID",
    Mode.UPI_QR: "UPI QR code",
    Mode.CARD: "card",
    Mode.NET_BANKING: "net banking",
}
CARD_NAME = {CardType.DEBIT_CARD: "Debit", CardType.CREDIT_CARD: "Credit"}


@dataclass(frozen=True, slots=True)
class Entered:
    """What a payer has entered and need not enter again; never a CVV."""

    mode: Mode | None = None
    error: str = ""
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Screen:
    order: Order
    merchant: str
    now: datetime
    base_url: str
    # What the payer's device can show, of which the order may offer only some.
    modes: tuple[Mode, ...]

    @property
    def home(self) -> str:
        return step_url(self.order, "")

    def page(self, title: str, content: Markup, *, refresh: Markup = NOTHING) -> Markup:
        return fill(
            "page",
            title=title,
            path=PATH,
            refresh=refresh,
            merchant=self.merchant,
            amount=rupees(self.order.amount),
            merchant_order_id=self.order.merchant_order_id,
            facts=self._facts(),
            content=content,
        )

    def _facts(self) -> Markup:
        facts = [fill("message", message=self.order.message)] if self.order.message else []
        if self.order.state is State.PENDING:
            facts.append(self._time_left())
        return joined(facts)

    def _time_left(self) -> Markup:
        seconds = self.seconds_left
        return fill("time_left", seconds=str(seconds), clock=f"{seconds // 60}:{seconds % 60:02d}")

    @property
    def seconds_left(self) -> int:
        return max(0, ceil((self.order.expire_at - self.now).total_seconds()))

    def leave_link(self) -> Markup:
        if self.order.redirect_url is None:
            return NOTHING
        return fill("leave", url=self.order.redirect_url, merchant=self.merchant)

    def outcomes(self, mode: Mode, *outcomes: Outcome, vpa: str = "", card: str = "") -> Markup:
        buttons = joined([fill(f"button_{outcome.value}") for outcome in outcomes])
        return fill("outcomes", path=PATH, token=self.order.token, mode=mode.value, vpa=vpa, card=card, buttons=buttons)


def step_url(order: Order, step: str, **query: str) -> str:
    where = f"{PATH}/{step}" if step else PATH
    return f"{where}?{urlencode({'token': order.token, **query})}"


def refresh(seconds: int, url: str) -> Markup:
    return fill("refresh", seconds=str(seconds), url=url)


def choose(screen: Screen, entered: Entered) -> Markup:
    """List the ways to pay."""
    order = screen.order
    offered = [mode for mode in screen.modes if mode in order.offer]
    opened = entered.mode or next(iter(offered), None)
    modes = [_mode(screen, mode, entered, is_open=mode is opened) for mode in offered]
    content = fill(
        "choose",
        error=_error(entered.error),
        modes=joined(modes) if modes else _no_modes(order),
        leave=screen.leave_link(),
    )
    return screen.page("Choose how to pay", content, refresh=refresh(screen.seconds_left + 1, screen.home))


def _no_modes(order: Order) -> Markup:
    names = [MODE_NAME[mode] for mode in Mode if mode in order.offer]
    return fill("not_here", modes=" or ".join(names)) if names else fill("no_modes")


def _error(text: str) -> Markup:
    return fill("error", text=text) if text else NOTHING


def _mode(screen: Screen, mode: Mode, entered: Entered, *, is_open: bool) -> Markup:
    accepted = [kind for kind in CardType if kind in screen.order.offer.card_types]
    cards = [card for card in SANDBOX_CARDS if card.kind in accepted]
    return fill(
        f"mode_{mode.value.lower()}",
        path=PATH,
        token=screen.order.token,
        amount=rupees(screen.order.amount),
        open=Markup(" open") if is_open else NOTHING,
        kinds=_kinds(accepted),
        cards=joined(
            [
                fill(
                    "test_card",
                    kind=CARD_NAME[card.kind],
                    number=_spaced(card.number),
                    expiry=card.expiry,
                    cvv=card.cvv,
                )
                for card in cards
            ]
        ),
        **{name: entered.values.get(name, "") for name in ("vpa", "number", "expiry")},
    )


def _kinds(accepted: list[CardType]) -> str:
    names = " or ".join(CARD_NAME[kind] for kind in accepted)
    return f"{names.capitalize()} card"


def _spaced(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def upi_app(screen: Screen, mode: Mode, vpa: str = "") -> Markup:
    """Show the payer's pretend UPI app, in which the payment succeeds, fails or stays pending."""
    asks = f"Pretend UPI app{f' of {vpa}' if vpa else ''}: {screen.merchant} asks for {rupees(screen.order.amount)}."
    content = fill("app", asks=asks, outcomes=screen.outcomes(mode, *Outcome, vpa=vpa), back=screen.home)
    return screen.page("Approve the payment", content)


def qr(screen: Screen) -> Markup:
    link = f"{screen.base_url}{step_url(screen.order, 'app', mode=Mode.UPI_QR.value)}"
    picture = segno.make(link, error="l", micro=False).svg_inline(omitsize=True, border=2, dark="#000", light="#fff")
    content = fill("qr", picture=Markup(picture), link=link, back=screen.home)
    here = step_url(screen.order, "qr", tried=str(len(screen.order.attempts)))
    return screen.page("Scan the QR code", content, refresh=refresh(POLL_EVERY, here))


def otp(screen: Screen, card: CardType, error: str = "") -> Markup:
    content = fill(
        "otp",
        error=_error(error),
        path=PATH,
        token=screen.order.token,
        card=card.value,
        outcomes=screen.outcomes(Mode.CARD, *Outcome, card=card.value),
        back=screen.home,
    )
    return screen.page("Confirm at your bank", content)


def bank(screen: Screen, error: str = "") -> Markup:
    content = fill(
        "bank",
        error=_error(error),
        path=PATH,
        token=screen.order.token,
        outcomes=screen.outcomes(Mode.NET_BANKING, *Outcome),
        back=screen.home,
    )
    return screen.page("Log in to your bank", content)


def pending(screen: Screen) -> Markup:
    content = fill("pending", path=PATH, token=screen.order.token, leave=screen.leave_link())
    return screen.page("Payment pending", content, refresh=refresh(POLL_EVERY, screen.home))


def paid(screen: Screen) -> Markup:
    text = f"{screen.merchant} has been paid {rupees(screen.order.amount)}."
    return _end(screen, "Payment successful", text, look="good", sign="✓", returns=True)


def failed_attempt(screen: Screen) -> Markup:
    failure = screen.order.latest_attempt
    reason = failure.failure.description if failure and failure.failure else ""
    again = fill("button_link", url=step_url(screen.order, "", again="1"), label="Try again", look="")
    return _end(screen, "Payment failed", f"{reason} Nothing was taken.", look="bad", sign="!", first=again)


def failed(screen: Screen) -> Markup:
    failure = screen.order.failure
    reason = failure.description if failure else ""
    return _end(screen, "Payment failed", f"{reason} Nothing was taken.", look="bad", sign="!", returns=True)


def expired(screen: Screen) -> Markup:
    text = "The time to pay this order is over. Nothing was taken."
    return _end(screen, "Order expired", text, look="bad", sign="!", returns=True)


def _end(
    screen: Screen, title: str, text: str, *, look: str, sign: str, first: Markup = NOTHING, returns: bool = False
) -> Markup:
    """Show how it ended; once the order is over, the payer is taken back to the merchant."""
    url = screen.order.redirect_url
    if url is None:
        actions = joined([first, fill("back_to_app")])
        return screen.page(title, fill("end", look=look, sign=sign, text=text, actions=actions))
    link = fill("button_link", url=url, label=f"Back to {screen.merchant}", look="second" if first else "")
    content = fill(
        "end", look=look, sign=sign, text=text, actions=joined([first, link, fill("returning") if returns else NOTHING])
    )
    return screen.page(title, content, refresh=refresh(RETURN_AFTER, url) if returns else NOTHING)

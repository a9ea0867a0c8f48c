"""What a payer's clicks and forms do on the pay page."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from phonepe_simulator.attempts import OUTCOME_OF_VPA, Outcome, State
from phonepe_simulator.checkout import Checkout, NotPayableError
from phonepe_simulator.clock import Clock
from phonepe_simulator.messages import Request, Response
from phonepe_simulator.modes import CardType, Mode
from phonepe_simulator.orders import Order
from phonepe_simulator.pay_page import pages
from phonepe_simulator.pay_page.pages import PATH, Screen, Typed, step_url
from phonepe_simulator.pay_page.sandbox_instruments import (
    WrongInputError,
    check_bank_login,
    check_otp,
    read_card,
    read_vpa,
)
from phonepe_simulator.pay_page.templates import fill, text_of
from phonepe_simulator.settings import Settings

ASSETS = {"style.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8"}
PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # The token is in the address: other hosts may see where a payer came from, not the token.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; base-uri 'none'"
    ),
}
UPI_MODES = {Mode.UPI_INTENT, Mode.UPI_COLLECT, Mode.UPI_QR}

Form = dict[str, str]


def pay_page_url(base_url: str, order: Order) -> str:
    return f"{base_url}{PATH}?token={order.token}"


class PayPage:
    def __init__(
        self, checkout: Checkout, clock: Clock, settings: Callable[[], Settings], base_url: Callable[[], str]
    ) -> None:
        self._checkout = checkout
        self._clock = clock
        self._settings = settings
        self._base_url = base_url
        self._steps: dict[tuple[str, str], Callable[[Screen, Form], Response]] = {
            ("GET", ""): self._home,
            ("GET", "app"): self._app,
            ("GET", "qr"): self._qr,
            ("GET", "bank"): self._bank,
            ("POST", "upi-id"): self._upi_id,
            ("POST", "card"): self._card,
            ("POST", "otp"): self._otp,
            ("POST", "bank"): self._bank_login,
            ("POST", "settle"): self._settle,
            ("POST", "conclude"): self._conclude,
        }

    def serves(self, path: str) -> bool:
        return path == PATH or path.startswith(f"{PATH}/")

    def answer(self, request: Request) -> Response:
        step = request.path.removeprefix(PATH).removeprefix("/")
        if step in ASSETS:
            return _asset(step)
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._steps.get((method, step))
        if handler is None:
            return _plain("Not found", "There is no such page.", 404)
        form = _form(request)
        order = self._checkout.with_token(form.get("token", ""))
        if order is None:
            return _plain("Unknown payment link", "This link is incomplete, or the simulator was started anew.", 404)
        try:
            return handler(self._screen(order), form)
        except NotPayableError:
            # Paid, failed or expired meanwhile: show what is true now.
            return _see(step_url(order, ""))

    def _screen(self, order: Order) -> Screen:
        return Screen(order, self._settings().merchant_name, self._clock.now(), self._base_url())

    def _home(self, screen: Screen, form: Form) -> Response:
        order = screen.order
        if order.state is State.COMPLETED:
            return _page(pages.paid(screen))
        if order.pending_attempt:
            return _page(pages.pending(screen))
        if order.state is State.FAILED:
            ran_out = order.retry_allowed or not order.attempts
            return _page(pages.expired(screen) if ran_out else pages.failed(screen))
        if order.attempts and "again" not in form:
            return _page(pages.failed_attempt(screen))
        return _page(pages.choose(screen, Typed()))

    def _app(self, screen: Screen, form: Form) -> Response:
        mode = _offered(screen, form.get("mode", ""))
        if mode not in UPI_MODES:
            raise NotPayableError("not a UPI app's mode")
        return _page(pages.upi_app(screen, mode))

    def _qr(self, screen: Screen, form: Form) -> Response:
        _offered(screen, Mode.UPI_QR)
        tried = len(screen.order.attempts)
        if form.get("tried", str(tried)) != str(tried):
            # Another device followed the code and failed.
            return _see(screen.home)
        return _page(pages.qr(screen))

    def _bank(self, screen: Screen, _: Form) -> Response:
        _offered(screen, Mode.NET_BANKING)
        return _page(pages.bank(screen))

    def _upi_id(self, screen: Screen, form: Form) -> Response:
        _offered(screen, Mode.UPI_COLLECT)
        try:
            vpa = read_vpa(form.get("vpa", ""))
        except WrongInputError as error:
            return _page(pages.choose(screen, Typed(Mode.UPI_COLLECT, str(error), form)), 422)
        outcome = OUTCOME_OF_VPA.get(vpa.lower())
        if outcome is None:
            return _page(pages.upi_app(screen, Mode.UPI_COLLECT, vpa))
        self._checkout.attempt(screen.order, Mode.UPI_COLLECT, outcome, vpa=vpa)
        return _see(screen.home)

    def _card(self, screen: Screen, form: Form) -> Response:
        _offered(screen, Mode.CARD)
        try:
            card = read_card(
                form.get("number", ""),
                form.get("expiry", ""),
                form.get("cvv", ""),
                accepted=screen.order.offer.card_types,
                now=screen.now,
            )
        except WrongInputError as error:
            return _page(pages.choose(screen, Typed(Mode.CARD, str(error), form)), 422)
        return _page(pages.otp(screen, card.kind))

    def _otp(self, screen: Screen, form: Form) -> Response:
        _offered(screen, Mode.CARD)
        card = _card_type(screen, form)
        try:
            check_otp(form.get("otp", ""))
        except WrongInputError as error:
            return _page(pages.otp(screen, card, str(error)), 422)
        self._checkout.attempt(screen.order, Mode.CARD, Outcome.SUCCESS, card=card)
        return _see(screen.home)

    def _bank_login(self, screen: Screen, form: Form) -> Response:
        _offered(screen, Mode.NET_BANKING)
        try:
            check_bank_login(form.get("user", ""), form.get("password", ""))
        except WrongInputError as error:
            return _page(pages.bank(screen, str(error)), 422)
        self._checkout.attempt(screen.order, Mode.NET_BANKING, Outcome.SUCCESS)
        return _see(screen.home)

    def _settle(self, screen: Screen, form: Form) -> Response:
        mode = _offered(screen, form.get("mode", ""))
        card = _card_type(screen, form) if mode is Mode.CARD else None
        vpa = form.get("vpa") or None
        self._checkout.attempt(screen.order, mode, _outcome(form), vpa=vpa, card=card)
        return _see(screen.home)

    def _conclude(self, screen: Screen, form: Form) -> Response:
        self._checkout.conclude(screen.order, _outcome(form))
        return _see(screen.home)


def _offered(screen: Screen, name: str) -> Mode:
    """Return the mode if this order can be paid with it now.

    :raises NotPayableError: otherwise
    """
    order = screen.order
    if order.state is not State.PENDING or order.pending_attempt or name not in set(order.offer.modes):
        raise NotPayableError(f"{name} is not to be had")
    return Mode(name)


def _card_type(screen: Screen, form: Form) -> CardType:
    given = form.get("card", "")
    if given not in set(screen.order.offer.card_types):
        raise NotPayableError("that kind of card is not taken")
    return CardType(given)


def _outcome(form: Form) -> Outcome:
    given = form.get("outcome", "")
    if given not in set(Outcome):
        raise NotPayableError("no such outcome")
    return Outcome(given)


def _form(request: Request) -> Form:
    if request.method != "POST":
        return dict(request.query)
    return dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))


def _page(html: str, status: int = 200) -> Response:
    return Response(status, dict(PAGE_HEADERS), html.encode(errors="replace"))


def _plain(title: str, text: str, status: int) -> Response:
    return _page(fill("plain", title=title, text=text, path=PATH), status)


def _see(url: str) -> Response:
    """Answer a form with the page that shows the result, so that a reload sends nothing twice."""
    return Response(303, {"Location": url, "Cache-Control": "no-store"})


def _asset(name: str) -> Response:
    headers = {"Content-Type": ASSETS[name], "Cache-Control": "max-age=300"}
    return Response(200, headers, text_of(name).encode())

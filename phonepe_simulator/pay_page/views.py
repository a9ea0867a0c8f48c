"""What the links and forms of the pay page do."""

from collections.abc import Callable
from itertools import count
from urllib.parse import parse_qsl, urlencode

from phonepe_simulator.clock import Clock
from phonepe_simulator.messages import Request, Response, html_response
from phonepe_simulator.pay_page import pages
from phonepe_simulator.pay_page.devices import device_of, modes_on
from phonepe_simulator.pay_page.pages import PATH, TEMPLATES, Entered, Screen, fill, step_url
from phonepe_simulator.pay_page.sandbox_instruments import (
    WrongInputError,
    check_bank_login,
    check_otp,
    read_card,
    read_vpa,
)
from phonepe_simulator.payments.attempts import OUTCOME_OF_VPA, Outcome, State
from phonepe_simulator.payments.checkout import Checkout, NotPayableError
from phonepe_simulator.payments.modes import CardType, Mode
from phonepe_simulator.payments.orders import Order
from phonepe_simulator.settings import Settings

ASSETS = {"style.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8"}
SHOWN_AGAIN = ("vpa", "number", "expiry")
UPI_MODES = {Mode.UPI_INTENT, Mode.UPI_COLLECT, Mode.UPI_QR}

Form = dict[str, str]


def pay_page_url(base_url: str, order: Order) -> str:
    return f"{base_url}{PATH}?token={order.token}"


class PayPage:
    """Every form is answered with a redirect, so that going back and reloading never send one twice."""

    def __init__(
        self, checkout: Checkout, clock: Clock, settings: Callable[[], Settings], base_url: Callable[[], str]
    ) -> None:
        self._checkout = checkout
        self._clock = clock
        self._settings = settings
        self._base_url = base_url
        # What was last entered wrongly for each order, by its token, with the number that its redirect carries.
        self._wrong: dict[str, tuple[str, Entered]] = {}
        self._numbers = count(1)
        self._pages: dict[str, Callable[[Screen, Form], Response]] = {
            "": self._home,
            "app": self._app,
            "qr": self._qr,
            "otp": self._otp,
            "bank": self._bank,
        }
        self._forms: dict[str, Callable[[Screen, Form], Response]] = {
            "upi-id": self._enter_upi_id,
            "card": self._enter_card,
            "otp": self._enter_otp,
            "bank": self._log_in,
            "settle": self._settle,
            "conclude": self._conclude,
        }

    def serves(self, path: str) -> bool:
        return path == PATH or path.startswith(f"{PATH}/")

    def answer(self, request: Request) -> Response:
        step = request.path.removeprefix(PATH).removeprefix("/")
        if step in ASSETS:
            return _asset(step)
        if request.method == "POST":
            return self._answer_form(step, request)
        page = self._pages.get(step)
        if page is None or request.method not in ("GET", "HEAD"):
            return _plain("Not found", "There is no such page.", 404)
        return self._show(page, request)

    def _answer_form(self, step: str, request: Request) -> Response:
        form = dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
        order = self._checkout.with_token(form.get("token", ""))
        handler = self._forms.get(step)
        if order is None or handler is None:
            return _redirect(f"{PATH}?{urlencode({'token': form.get('token', '')})}")
        try:
            return handler(self._screen(order, request), form)
        except NotPayableError:
            # Paid, failed or expired in the meantime: show the present state.
            return _redirect(step_url(order, ""))

    def _show(self, page: Callable[[Screen, Form], Response], request: Request) -> Response:
        order = self._checkout.with_token(request.query.get("token", ""))
        if order is None:
            return _plain("Unknown payment link", "This link is incomplete, or the simulator was started anew.", 404)
        try:
            return page(self._screen(order, request), dict(request.query))
        except NotPayableError:
            return _redirect(step_url(order, ""))

    def _screen(self, order: Order, request: Request) -> Screen:
        settings = self._settings()
        modes = modes_on(device_of(request.header("User-Agent") or ""), settings)
        return Screen(order, settings.merchant_name, self._clock.now(), self._base_url(), modes)

    # Pages.

    def _home(self, screen: Screen, query: Form) -> Response:
        order = screen.order
        if order.state is State.COMPLETED:
            return html_response(pages.paid(screen))
        if order.pending_attempt:
            return html_response(pages.pending(screen))
        if order.state is State.FAILED:
            ran_out = order.retry_allowed or not order.attempts
            return html_response(pages.expired(screen) if ran_out else pages.failed(screen))
        if order.attempts and not {"again", "wrong"} & set(query):
            return html_response(pages.failed_attempt(screen))
        return html_response(pages.choose(screen, self._wrongly_entered(screen, query)))

    def _app(self, screen: Screen, query: Form) -> Response:
        mode = _offered(screen, query.get("mode", ""))
        if mode not in UPI_MODES:
            raise NotPayableError("not a UPI app's mode")
        return html_response(pages.upi_app(screen, mode, _vpa(query) if mode is Mode.UPI_COLLECT else ""))

    def _qr(self, screen: Screen, query: Form) -> Response:
        _offered(screen, Mode.UPI_QR)
        tried = len(screen.order.attempts)
        if query.get("tried", str(tried)) != str(tried):
            # A payment on the device that scanned the code has failed.
            return _redirect(screen.home)
        return html_response(pages.qr(screen))

    def _otp(self, screen: Screen, query: Form) -> Response:
        _offered(screen, Mode.CARD)
        return html_response(pages.otp(screen, _card_type(screen, query), self._wrongly_entered(screen, query).error))

    def _bank(self, screen: Screen, query: Form) -> Response:
        _offered(screen, Mode.NET_BANKING)
        return html_response(pages.bank(screen, self._wrongly_entered(screen, query).error))

    # Forms.

    def _enter_upi_id(self, screen: Screen, form: Form) -> Response:
        _offered(screen, Mode.UPI_COLLECT)
        try:
            vpa = read_vpa(form.get("vpa", ""))
        except WrongInputError as error:
            return self._ask_again(screen, "", _entered(Mode.UPI_COLLECT, error, form))
        outcome = OUTCOME_OF_VPA.get(vpa.lower())
        if outcome is None:
            return _redirect(step_url(screen.order, "app", mode=Mode.UPI_COLLECT.value, vpa=vpa))
        self._checkout.attempt(screen.order, Mode.UPI_COLLECT, outcome, vpa=vpa)
        return _redirect(screen.home)

    def _enter_card(self, screen: Screen, form: Form) -> Response:
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
            return self._ask_again(screen, "", _entered(Mode.CARD, error, form))
        return _redirect(step_url(screen.order, "otp", card=card.kind.value))

    def _enter_otp(self, screen: Screen, form: Form) -> Response:
        _offered(screen, Mode.CARD)
        card = _card_type(screen, form)
        try:
            check_otp(form.get("otp", ""))
        except WrongInputError as error:
            return self._ask_again(screen, "otp", Entered(Mode.CARD, str(error)), card=card.value)
        self._checkout.attempt(screen.order, Mode.CARD, Outcome.SUCCESS, card=card)
        return _redirect(screen.home)

    def _log_in(self, screen: Screen, form: Form) -> Response:
        _offered(screen, Mode.NET_BANKING)
        try:
            check_bank_login(form.get("user", ""), form.get("password", ""))
        except WrongInputError as error:
            return self._ask_again(screen, "bank", Entered(Mode.NET_BANKING, str(error)))
        self._checkout.attempt(screen.order, Mode.NET_BANKING, Outcome.SUCCESS)
        return _redirect(screen.home)

    def _settle(self, screen: Screen, form: Form) -> Response:
        mode = _offered(screen, form.get("mode", ""))
        card = _card_type(screen, form) if mode is Mode.CARD else None
        vpa = _vpa(form) if mode is Mode.UPI_COLLECT else None
        self._checkout.attempt(screen.order, mode, _outcome(form), vpa=vpa, card=card)
        return _redirect(screen.home)

    def _conclude(self, screen: Screen, form: Form) -> Response:
        self._checkout.conclude(screen.order, _outcome(form))
        return _redirect(screen.home)

    # What was wrong with a form is shown by the page that it redirects to.

    def _ask_again(self, screen: Screen, step: str, entered: Entered, **query: str) -> Response:
        number = str(next(self._numbers))
        self._wrong[screen.order.token] = (number, entered)
        return _redirect(step_url(screen.order, step, **query, wrong=number))

    def _wrongly_entered(self, screen: Screen, query: Form) -> Entered:
        """Return what was wrong, unless the page is an older one or was opened anew."""
        number, entered = self._wrong.get(screen.order.token, ("", Entered()))
        return entered if query.get("wrong") == number else Entered()


def _offered(screen: Screen, name: str) -> Mode:
    """Return the mode if the order can be paid with it now.

    :raises NotPayableError: otherwise
    """
    order = screen.order
    if order.state is not State.PENDING or order.pending_attempt or name not in set(order.offer.modes):
        raise NotPayableError(f"{name} is not to be had")
    return Mode(name)


def _entered(mode: Mode, error: WrongInputError, form: Form) -> Entered:
    """Return what may be shown to the payer again: no CVV, and nothing endless."""
    return Entered(mode, str(error), {name: form[name][:100] for name in SHOWN_AGAIN if name in form})


def _vpa(form: Form) -> str:
    try:
        return read_vpa(form.get("vpa", ""))
    except WrongInputError as error:
        raise NotPayableError(str(error)) from error


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


def _plain(title: str, text: str, status: int) -> Response:
    return html_response(fill("plain", title=title, text=text, path=PATH), status)


def _redirect(url: str) -> Response:
    """Redirect to the page that shows the result, so that a reload sends no form twice."""
    return Response(303, {"Location": url, "Cache-Control": "no-store"})


def _asset(name: str) -> Response:
    headers = {"Content-Type": ASSETS[name], "Cache-Control": "max-age=300"}
    return Response(200, headers, TEMPLATES.text_of(name).encode())

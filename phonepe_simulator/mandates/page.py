"""The page of a pretend UPI app, on which a person approves a mandate, and later pauses or withdraws it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from phonepe_simulator.clock import Clock
from phonepe_simulator.ids import IST
from phonepe_simulator.mandates.mandate import Mandate, MandateState
from phonepe_simulator.mandates.processing import Mandates, NotPossibleError
from phonepe_simulator.markup import Markup, Templates, joined
from phonepe_simulator.messages import Request, Response, html_response
from phonepe_simulator.pay_page.pages import PATH as ASSETS
from phonepe_simulator.pay_page.rupees import rupees
from phonepe_simulator.payments.attempts import State
from phonepe_simulator.settings import Settings

PATH = "/transact/mandate"
_templates = Templates(Path(__file__).with_name("templates"))
fill = _templates.fill
OFTEN = {
    "DAILY": "every day",
    "WEEKLY": "every week",
    "FORTNIGHTLY": "every two weeks",
    "MONTHLY": "every month",
    "BIMONTHLY": "every two months",
    "QUARTERLY": "every three months",
    "HALFYEARLY": "every half year",
    "YEARLY": "every year",
    "ON_DEMAND": "whenever it asks",
}
TITLES = {
    MandateState.ACTIVATION_IN_PROGRESS: "Approve AutoPay",
    MandateState.ACTIVE: "AutoPay is active",
    MandateState.PAUSED: "AutoPay is paused",
    MandateState.REVOKED: "AutoPay was withdrawn",
    MandateState.CANCELLED: "AutoPay was cancelled",
    MandateState.EXPIRED: "AutoPay has expired",
    MandateState.FAILED: "AutoPay was not set up",
}


def mandate_page_url(base_url: str, mandate: Mandate) -> str:
    return f"{base_url}{_url(mandate)}"


def _url(mandate: Mandate) -> str:
    return f"{PATH}?{urlencode({'token': mandate.token})}"


class MandatePage:
    """Every form is answered with a redirect, so that going back and reloading never send one twice."""

    def __init__(self, mandates: Mandates, clock: Clock, settings: Callable[[], Settings]) -> None:
        self._mandates = mandates
        self._clock = clock
        self._settings = settings
        self._acts: dict[str, Callable[[Mandate], None]] = {
            "approve": mandates.approve,
            "decline": mandates.decline,
            "pause": mandates.pause,
            "unpause": mandates.unpause,
            "revoke": mandates.revoke,
        }

    def serves(self, path: str) -> bool:
        return path == PATH

    def answer(self, request: Request) -> Response:
        if request.method == "POST":
            return self._act(dict(parse_qsl(request.body.decode(errors="replace"))))
        mandate = self._mandates.with_token(request.query.get("token", ""))
        if mandate is None:
            text = "This link is incomplete, or the simulator was started anew."
            return html_response(fill("unknown", assets=ASSETS, text=text), 404)
        return html_response(self._page(mandate))

    def _act(self, form: dict[str, str]) -> Response:
        mandate = self._mandates.with_token(form.get("token", ""))
        act = self._acts.get(form.get("act", ""))
        if mandate is not None and act is not None:
            # What was decided in the meantime stays decided, and the page shows it.
            with suppress(NotPossibleError):
                act(mandate)
        where = _url(mandate) if mandate else PATH
        return Response(303, {"Location": where, "Cache-Control": "no-store"})

    def _page(self, mandate: Mandate) -> Markup:
        merchant = self._settings().merchant_name
        return fill(
            "page",
            assets=ASSETS,
            path=PATH,
            token=mandate.token,
            title=TITLES.get(mandate.state, "AutoPay is changing"),
            merchant=merchant,
            amount=rupees(mandate.max_amount),
            often=OFTEN[mandate.frequency],
            until=f"{mandate.expire_at.astimezone(IST):%-d %B %Y}",
            mandate=mandate.merchant_subscription_id,
            text=self._text(mandate, merchant),
            buttons=joined([fill(f"button_{act}") for act in self._acts_on(mandate)]),
        )

    def _text(self, mandate: Mandate, merchant: str) -> str:
        order = mandate.setup
        now_paid = rupees(order.amount)
        if mandate.state is MandateState.ACTIVATION_IN_PROGRESS:
            back = " to check your account" if mandate.workflow == "PENNY_DROP" else ""
            return f"Approving it pays {now_paid}{back} now. Before every later debit you are told a day ahead."
        if mandate.state is MandateState.FAILED:
            return order.failure.description if order.failure else ""
        paid = sum(debit.captured for debit in mandate.redemptions)
        debits = sum(debit.state is State.COMPLETED for debit in mandate.redemptions)
        return f"{merchant} has been paid {now_paid} at the start, and {rupees(paid)} in {debits} debits since."

    def _acts_on(self, mandate: Mandate) -> tuple[str, ...]:
        if mandate.setup.attempts[0].state is State.PENDING and mandate.state is MandateState.ACTIVATION_IN_PROGRESS:
            return ("approve", "decline")
        if mandate.state is MandateState.ACTIVE:
            return ("pause", "revoke")
        return ("unpause", "revoke") if mandate.state is MandateState.PAUSED else ()

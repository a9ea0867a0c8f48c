"""The simulator: the engine, and what it answers over HTTP."""

from collections.abc import Callable
from datetime import datetime, timedelta

from phonepe_simulator.api.calls import PhonePeApi
from phonepe_simulator.control.control import Control
from phonepe_simulator.engine import Engine
from phonepe_simulator.front_page.views import FrontPage
from phonepe_simulator.mandates.page import MandatePage, mandate_page_url
from phonepe_simulator.messages import Request, Response
from phonepe_simulator.pay_page.views import PayPage, pay_page_url


class Simulator(Engine):
    """PhonePe's sandbox in one object.

    With a virtual clock and a seed the same calls give the same bytes. Webhooks leave only
    through `tick()`, never from inside `handle()`, so a caller is never called back while it waits.
    """

    def reset(self) -> None:
        with self._lock:
            super().reset()
            self._api = PhonePeApi(
                clock=self.clock,
                tokens=self._tokens,
                checkout=self._checkout,
                refunds=self._refunds,
                settlements=self._settlements,
                mandates=self._mandates,
                faults=self.faults,
                later=self._in_seconds,
                log=self.call_log,
                settings=self.current_settings,
                pay_page_url=lambda order: pay_page_url(self.base_url, order),
                mandate_page_url=lambda mandate: mandate_page_url(self.base_url, mandate),
            )
            self._pay_page = PayPage(self._checkout, self.clock, self.current_settings, lambda: self.base_url)
            self._mandate_page = MandatePage(self._mandates, self.clock, self.current_settings)
            self._control = Control(self)
            self._front_page = FrontPage(self)

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request: PhonePe's API, the pages of payers, the control API, or the front page."""
        if self._control.serves(request.path):
            return self._control.answer(request)
        with self.up_to_date():
            if self._front_page.serves(request):
                return self._front_page.answer(request)
            if self._mandate_page.serves(request.path):
                return self._mandate_page.answer(request)
            if self._pay_page.serves(request.path):
                return self._pay_page.answer(request)
            return self._api.answer(request)

    def _in_seconds(self, seconds: float, action: Callable[[], object]) -> None:
        def run(_: datetime) -> None:
            action()

        self._scheduler.add(self.clock.now() + timedelta(seconds=seconds), run)

"""The lives of orders: what payers, banks, owners and operators do with each, drawn when it begins."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any

from core.models import Payment, PaymentTransaction, Reconciliation
from core.services import worker
from zelton_backend.simulation.agenda import Agenda
from zelton_backend.simulation.orders import Orders
from zelton_backend.simulation.outside import Outside
from zelton_backend.simulation.people import Payer
from zelton_backend.simulation.processes import Work
from zelton_backend.simulation.world import World

DAY = 86_400
MOST_PATIENT = 7  # taps in vain after which the pauses between them grow no more
PAYS_TWICE = 0.3  # of those who have a newer order pay the one before too


class Scenarios:
    """
    :ivar orders: every order that was made
    :ivar outside: what payers, banks and PhonePe do
    """

    def __init__(self, world: World, agenda: Agenda, wanted: int) -> None:
        self._world, self._agenda, self._wanted = world, agenda, wanted
        self._dice = world.rng
        self._was_tapped = False
        self._in_vain = 0
        self.orders, self.outside = Orders(world), Outside(world)
        world.wire.when_failed = self._bank_reconsiders
        world.may_happen_meanwhile("a worker ticks", lambda: world.actions.ticks)
        world.may_happen_meanwhile("webhooks arrive", lambda: world.simulator.tick)
        world.may_happen_meanwhile("a second tap", lambda: self._tap(self._somebody(), keyed=False)[1])
        world.may_happen_meanwhile("somebody asks", lambda: self._question(self.orders.some()))
        world.may_happen_meanwhile("a refund is asked for", lambda: self._refund(self.orders.some(paid=True)))
        world.may_happen_meanwhile("a payer pays", lambda: self.outside.payment(self.orders.some(), "success"))
        world.may_happen_meanwhile("the operator asks about all", lambda: world.actions.asks_about_all)
        for name, prepare in (
            ("a refund of the same is asked for", lambda: self._refund(self.orders.rival(paid=True))),
            ("another order of theirs is paid", lambda: self._paid_and_asked(self.orders.rival(paid=False))),
        ):
            world.may_happen_meanwhile(name, prepare, is_rival=True)

    def in_seconds(self, seconds: float, plan: Callable[[], None]) -> None:
        self._agenda.add(self._world.clock.now() + timedelta(seconds=seconds), plan)

    # Taps.

    def somebody_taps(self) -> None:
        """Let a payer tap, and the next one after a while, until there are as many orders as are wanted."""
        if len(self.orders.whose) >= self._wanted:
            return
        before = len(self.orders.whose)
        self._taps(self._somebody())
        self.note_new_orders()
        self._in_vain = 0 if len(self.orders.whose) > before else min(self._in_vain + 1, MOST_PATIENT)
        # While PhonePe is away people tap less and less.
        pause = self._world.faults.arrivals * 2**self._in_vain
        self.in_seconds(self._dice.expovariate(1 / pause), self.somebody_taps)

    def _somebody(self) -> Payer:
        focus, people = self._world.focus, self._world.people
        if focus is not None and self._dice.random() < 0.7:
            return focus
        return self._dice.choice(people.owners if self._dice.random() < 0.15 else people.tenants)

    def _taps(self, who: Payer) -> None:
        action, work = self._tap(who, keyed=True)
        came = self._world.does(action, work, about=who)
        if came is not None and "amount_above_due" in came and who.tenancy:
            months = self._dice.randint(1, 3)
            self._world.does(f"charges {who}", lambda: self._world.actions.charges(who, months), about=who)

    def _tap(self, who: Payer, *, keyed: bool) -> tuple[str, Work]:
        """Draw a tap: what it is, and the work."""
        actions, over_http = self._world.actions, self._world.over_http()
        key = f"key-{self._dice.getrandbits(64):016x}" if keyed and over_http and self._dice.random() < 0.4 else None
        if who.tenancy is None:
            plan, period = self._dice.randrange(2), self._dice.choice(("monthly", "monthly", "yearly"))
            action = f"tap of {who} for {period} {plan} {key or ''}"
            work: Work = lambda: actions.subscribes(who, plan, period, key=key, over_http=over_http)  # noqa: E731
        else:
            channel = self._dice.choice(("redirect", "mobile_sdk"))
            # Asked for by the process that pays, and once: with its key a request comes again as it was.
            paise = cache(lambda: self._amount(actions.outstanding(who)))
            action = f"tap of {who} by {channel} {key or ''}"
            work = lambda: actions.pays_rent(who, paise(), channel=channel, key=key, over_http=over_http)  # noqa: E731

        def tapped() -> Any:
            self._was_tapped = True
            return work()

        if key and self._dice.random() < 0.7:
            again = f"{action}, again"
            self.in_seconds(
                self._dice.choice((1, 1, 5, 20, 20, 60, 300, 2 * DAY)), lambda: self._does(again, tapped, who)
            )
        return action, tapped

    def _amount(self, due: int) -> int:
        chosen = self._dice.random()
        if due < 400 or chosen < 0.35:
            return max(100, due)
        if chosen < 0.37:
            return due + self._dice.choice((1, 100))
        return self._dice.choice((due // 2, due // 3, 100, min(due - 100, 4_999_50)))

    # Lives.

    def note_new_orders(self) -> None:
        """Let payers and others see the orders that were made since the last look, and make their plans."""
        if not self._was_tapped:
            return
        self._was_tapped = False
        for name in self.orders.new():
            self._plan(name, self.orders.whose[name])

    def _plan(self, name: str, who: Payer) -> None:
        rng, chosen = self._dice, self._dice.random()
        soon = rng.uniform(1, 40)
        if chosen < 0.74:
            self._pays(soon, name, "success")
        elif chosen < 0.79:
            self._pays(soon, name, "failure")
            self._pays(soon + rng.uniform(5, 60), name, "success")
        elif chosen < 0.86:
            self._pays(soon, name, "pending")
            outcome = rng.choice(("success", "success", "failure"))
            self._later(
                rng.choice((5, 20, 120, 1500, 1500)), f"bank {outcome} {name}", self.outside.decision(name, outcome)
            )
        elif chosen < 0.89:
            self._pays(soon, name, "success", more=rng.choice((100, -100, 1, 5_000_00)))
            self.in_seconds(rng.choice((60, 600, DAY)), lambda: self._is_decided(name, who))
        elif chosen < 0.96:
            self._later(2 * soon, f"end of {name}", self.outside.decision(name, "expired"))
        for chance, plan in (
            (0.25, lambda: self._does(f"verify {name}", self._question(name), who)),
            (0.10, lambda: self._taps(who)),
            (0.05, lambda: self._taps(who)),
            (0.04, lambda: self.outside.lies(name)),
            (0.03, self._old_letter),
        ):
            if rng.random() < chance:
                self.in_seconds(rng.choice((0.2, 2, 4, 10, 40, 100, 1300)), plan)

    def is_paid(self, name: str) -> None:
        """Let owners and staff think about giving something of a paid order back."""
        if self._dice.random() < 0.14:
            who = self.orders.payer_of(name)
            for _ in range(self._dice.choice((1, 1, 2, 3))):
                delay = self._dice.choice((0.5, 5, 5, 60, 60, 600, DAY))
                self.in_seconds(delay, lambda: self._does(f"refund of {name}", self._refund(name), who))
        # Of what has a credit note nobody but a person follows PhonePe where it names another amount later.
        may_be_corrected = not self._world.faults.refunds_lie or Payment.objects.filter(merchant_order_id=name).exists()
        if self._dice.random() < 0.04 and may_be_corrected:
            self._refund_on_dashboard(name)

    def _does(self, action: str, work: Work, who: Payer | None) -> None:
        self._world.does(action, work, about=who)

    def _question(self, name: str | None) -> Work:
        actions, how, over_http = self._world.actions, self._dice.random(), self._world.over_http()
        if name is None:
            return lambda: "nothing to ask about"
        if how < 0.7:
            return lambda: actions.verifies(name, over_http=over_http)
        return lambda: actions.returns(name) if how < 0.85 else actions.calls_back(name)

    def _refund(self, name: str | None) -> Work:
        if name is None:
            return lambda: "nothing to give back"
        paise = self._dice.choice((None, None, 100, 5_000_00, 100_50))
        by_owner, over_http = self._dice.random() < 0.6, self._world.over_http()
        key = f"key-{self._dice.getrandbits(64):016x}" if over_http and self._dice.random() < 0.5 else None
        actions = self._world.actions

        def work() -> str:
            return actions.refunds(name, paise, by_owner=by_owner, key=key, over_http=over_http)

        if key:
            self.in_seconds(self._dice.choice((1, 20, 300)), lambda: self._does(f"refund of {name}, again", work, None))
        return work

    def _paid_and_asked(self, name: str | None) -> Work:
        """A payer pays on an old page, and the app asks at once whether the money came."""
        pays = self.outside.payment(name, "success")
        if name is None:
            return lambda: "nothing to pay"
        return lambda: f"{pays()}, {self._world.actions.verifies(name, over_http=False)}"

    # Payers' apps, banks, and PhonePe.

    def _later(self, seconds: float, what: str, work: Work) -> None:
        self.in_seconds(seconds, lambda: self._world.happens(what, work))

    def _pays(self, seconds: float, name: str, outcome: str, *, more: int = 0) -> None:
        pays, pays_twice = self.outside.payment(name, outcome, more=more), self._dice.random() < PAYS_TWICE

        def work() -> Any:
            if self.orders.has_newer(name) and not pays_twice:
                return "has a newer order"
            return pays()

        self._later(seconds, f"payer {outcome} {name} {more or ''}", work)

    def _bank_reconsiders(self, name: str) -> None:
        """The bank takes the money of an order just as PhonePe tells us that it failed, or soon afterwards."""
        order = self._world.simulator.orders.get(name)
        if order is None or order.state != "FAILED" or order.pending_attempt is None:
            return
        takes, at_once = self.outside.decision(name, "success"), self._dice.random() < 0.5
        if not at_once:
            self._later(self._dice.choice((0.5, 2)), f"bank success {name}", takes)
            return

        def told() -> None:
            takes()
            self._world.simulator.tick()
            worker.process_webhooks()

        self._world.meanwhile(f"the bank takes the money of {name}, and a webhook tells", told)

    def _is_decided(self, name: str, who: Payer) -> None:
        """Let the operator decide about a mismatch, if there is one; not about every one."""
        held = PaymentTransaction.objects.filter(
            merchant_order_id=name, reconciliation_status=Reconciliation.MISMATCH
        ).exists()
        if held and self._dice.random() < 0.8:
            accept = self._dice.random() < 0.5
            self._does(f"decision on {name}", lambda: self._world.actions.decides(name, accept=accept), who)

    def _old_letter(self) -> None:
        """A webhook comes again that came long ago."""
        if not (sent := self._world.simulator.webhooks):
            return
        letter = self._dice.choice(sent[-200:])
        over_http = self._world.over_http()
        self._world.does("letter again", lambda: self._world.actions.hears(letter, over_http=over_http))

    def _refund_on_dashboard(self, name: str) -> None:
        """Somebody refunds a part on PhonePe's dashboard, which tells us; and somebody lies about another, often."""
        paise = self._dice.choice((100, 250_00))
        self._later(self._dice.choice((1, 300)), f"dashboard {name}", self.outside.refund_on_dashboard(name, paise))
        for delay in (1, 1, self._dice.choice((2, 300))):
            told = {"amount": paise, "timestamp": self._dice.getrandbits(40)}
            self._later(delay, f"lie about a refund of {name}", partial(self.outside.lies_about_refund, name, told))

"""The orders of a simulated world, and whose they are."""

from django.db import connection

from zelton_backend.simulation.people import Payer
from zelton_backend.simulation.world import World

NEW_ORDERS = """
    SELECT orders.id, orders.merchant_order_id, rent.tenancy_id, subscription.owner_id
    FROM core_paymenttransaction orders
    LEFT JOIN core_payment rent ON rent.transaction_id = orders.id
    LEFT JOIN core_ownersubscriptionpayment payment ON payment.transaction_id = orders.id
    LEFT JOIN core_ownersubscription subscription ON subscription.id = payment.subscription_id
    WHERE orders.id > %s ORDER BY orders.id
"""


class Orders:
    """
    :ivar whose: every order that was seen, in the order in which they were made, and whose it is
    """

    def __init__(self, world: World) -> None:
        self._world, self._dice = world, world.rng
        self._last_pk = 0
        self._latest: dict[Payer, str] = {}
        self.whose: dict[str, Payer] = {}
        self._payers: dict[tuple[int | None, int | None], Payer] = {
            (who.tenancy.pk, None) if who.tenancy else (None, who.owner.pk): who
            for who in (*world.people.tenants, *world.people.owners)
        }

    def new(self) -> list[str]:
        """Return the orders that were made since this was asked the last time."""
        with connection.cursor() as cursor:
            cursor.execute(NEW_ORDERS, [self._last_pk])
            made = cursor.fetchall()
        for pk, name, tenancy, owner in made:
            self._last_pk = pk
            self.whose[name] = who = self._payers[(tenancy, None if tenancy else owner)]
            self._latest[who] = name
        return [name for _, name, _, _ in made]

    def payer_of(self, name: str) -> Payer | None:
        return self.whose.get(name)

    def has_newer(self, name: str) -> bool:
        return self._latest[self.whose[name]] != name

    def some(self, *, paid: bool = False) -> str | None:
        """Return an order of whom the step is about, or one of the latest."""
        names = [name for name in list(self.whose)[-50:] if not paid or name in self._world.invariants.paid.ever]
        theirs = [name for name in names if self.whose[name] is self._world.focus]
        chosen = theirs[-3:] if theirs and self._dice.random() < 0.8 else names[-10:]
        return self._dice.choice(chosen) if chosen else None

    def rival(self, *, paid: bool) -> str | None:
        """Return an order of whom this moment is about: of the step, or else of the latest call."""
        latest = self._world.wire.latest
        who = self._world.focus or self.payer_of(latest)
        theirs = [name for name in list(self.whose)[-200:] if self.whose[name] is who]
        if paid:
            wanted = [name for name in theirs if name in self._world.invariants.paid.ever]
        else:
            known = self._world.simulator.orders
            wanted = [name for name in theirs if name != latest and name in known and known[name].state == "PENDING"]
        return self._dice.choice(wanted[-2:]) if wanted else None

"""What is filled in for money that was captured before anything was kept with it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from time_machine import Traveller

from core.models import OwnerSubscriptionPayment, Payment, PricingPlan, Tenancy
from core.services import worker
from core.services.rent.charges import raise_charges
from phonepe_simulator import Fault
from tests.people import Caller, make_owner, sold
from tests.phonepe import Days, PhonePe
from tests.refunds import refunds
from tests.subscriptions import is_refunded, pays_a_period


@pytest.fixture
def newest(transactional_db: None) -> Iterator[None]:
    yield
    call_command("migrate", verbosity=0)


def kept() -> list[Any]:
    rent = Payment.objects.order_by("pk").values_list("merchant_order_id", "owner", "receipt")
    subscriptions = OwnerSubscriptionPayment.objects.order_by("pk").values_list("merchant_order_id", "receipt")
    return [*rent, *subscriptions]


def is_migrated() -> None:
    """Go back to the release that kept nothing, and forward again."""
    call_command("migrate", "core", "0014", verbosity=0)
    call_command("migrate", "core", verbosity=0)


@pytest.fixture
def history(
    newest: None, tenancy: Tenancy, owner: Caller, operator: Caller, plan: PricingPlan, phonepe: PhonePe,
    traveller: Traveller, days: Days,
) -> None:  # fmt: skip
    """Parts of months, a refund, more than was due, a refund that fails, another amount, a sale, an open payment."""

    def pays(amount: str) -> Payment:
        started = Caller(tenancy.tenant.user).starts_rent(amount)
        assert started.status_code == 201, started.content
        phonepe.pays(started)
        days.tick_for(25)
        return Payment.objects.get(pk=started.json()["payment_id"])

    traveller.move_to(datetime(2026, 6, 10, 6, 30, tzinfo=UTC))
    raise_charges(through=date(2026, 5, 1))
    first = pays("20000.00")
    refunds(Caller(owner.user), first, "7000.00")
    days.pass_by(3600)
    worker.tick()
    failing = refunds(Caller(owner.user), first, "1000.00")
    phonepe.simulator.conclude_refund(failing.merchant_refund_id, "failure")
    days.pass_by(3600)
    worker.tick()
    replaced = Caller(tenancy.tenant.user).starts_rent("17000.00")
    pays("16000.00")
    phonepe.pays(replaced)  # finds 1,000 due of its 17,000
    days.tick_for(25)
    days.pass_by(3600)
    worker.tick()
    sold(tenancy, make_owner("bela"))
    raise_charges(through=date(2026, 7, 1))
    held = Caller(tenancy.tenant.user).starts_rent("20000.00")
    phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=1_000_00))
    phonepe.pays(held)
    days.tick_for(25)
    call_command("resolve_mismatch", held.json()["merchant_order_id"], "--accept")
    phonepe.simulator.faults.clear()
    Caller(tenancy.tenant.user).starts_rent("1000.00")
    is_refunded(pays_a_period(owner, plan, phonepe), "100.00", operator, days)
    pays_a_period(owner, plan, phonepe, "yearly")


def test_it_is_what_would_have_been_kept(history: None) -> None:
    before = kept()
    assert len({row[1] for row in before[:5]}) == 3, "two owners, and one payment that is open"
    assert [len(row[2]["months"]) for row in before[:4]] == [2, 1, 2, 2]

    is_migrated()

    assert kept() == before


@pytest.mark.slow
def test_what_is_kept_already_stays(history: None) -> None:
    Payment.objects.filter(owner__isnull=False).update(receipt={"payer": "As it was"})
    before = kept()

    call_command("migrate", "core", "0016", verbosity=0)
    call_command("migrate", "core", verbosity=0)

    assert kept() == before

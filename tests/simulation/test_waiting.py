"""Two processes of a simulated world meet at a real lock, of whatever kind the database has."""

import pytest
from django.db import connection, transaction

from core.models import PricingPlan
from zelton_backend.simulation.processes import Died, Processes


@pytest.fixture(autouse=True)
def plans(processes: Processes) -> None:
    for plan in ("Starter", "Growth"):
        PricingPlan.objects.create(name=plan, monthly_price_paise=100, yearly_price_paise=1000, max_units=1)


def raise_price(plan: str) -> int:
    with transaction.atomic():
        row = PricingPlan.objects.select_for_update().get(name=plan)
        row.monthly_price_paise += 1
        row.save()
    return row.monthly_price_paise


def test_who_would_wait_for_a_lock_gives_up_and_the_holder_goes_on(processes: Processes) -> None:
    def overtaken() -> int:
        with transaction.atomic():
            row = PricingPlan.objects.select_for_update().get(name="Starter")
            with pytest.raises(Died):
                processes.meanwhile(lambda: raise_price("Starter"), {})
            assert processes.second.waited
            row.monthly_price_paise += 10
            row.save()
        return row.monthly_price_paise

    assert processes.first.runs(overtaken, {}) == 110
    assert processes.meanwhile(lambda: raise_price("Starter"), {}) == 111
    assert not processes.second.waited


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time")
def test_another_row_is_not_waited_for(processes: Processes) -> None:
    def overtaken() -> int:
        with transaction.atomic():
            PricingPlan.objects.select_for_update().get(name="Starter")
            return int(processes.meanwhile(lambda: raise_price("Growth"), {}))

    assert processes.first.runs(overtaken, {}) == 101

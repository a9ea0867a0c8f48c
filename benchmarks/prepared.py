"""`python -m benchmarks.prepared`: what each statement that Django writes once (`core/db/prepared.py`) saves.

Prints the processor time of this process for one call, as it is and with the statement written anew, in turns, on a
throw-away PostgreSQL. The database's own time is not in it: it does the same work either way.
"""

# ruff: noqa: SLF001 - it takes apart what it measures

import os
import time
from collections.abc import Callable, Iterator
from copy import copy
from datetime import date, timedelta
from itertools import count
from statistics import median
from typing import Any
from unittest.mock import patch

import django

from tests.postgres import Cluster

ROUNDS, CALLS = 15, 100
Way = Callable[[], object]


def main() -> None:
    cluster = Cluster()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "zelton_backend.settings", "DATABASE_URL": cluster.url}
    os.environ.setdefault("ZELTON_ENV_FILE", ".env.example")
    try:
        django.setup()
        _measure_all()
    finally:
        cluster.stop()


def _measure_all() -> None:
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    print(f"{'statement':<40}{'prepared':>10}{'anew':>10}{'saved':>10}   µs of processor time")
    with transaction.atomic():
        for name, statement, values in _statements():
            _print(name, *_in_turns(*_ways(statement, values)))
        for name, prepared, anew in _rows():
            _print(name, *_in_turns(prepared, anew))
        transaction.set_rollback(True)
    connection.close()


def _print(name: str, quick: float, slow: float) -> None:
    print(f"{name:<40}{quick:>10.0f}{slow:>10.0f}{slow - quick:>10.0f}", flush=True)


def _rows() -> Iterator[tuple[str, Way, Way]]:
    """Yield what is stored and written of a payment, as it is and as Django does it."""
    from core.db.prepared import insert, update
    from core.models import PaymentTransaction, PhonePeCall

    order, numbers = PaymentTransaction.objects.get(), count(2)

    def new_order() -> PaymentTransaction:
        new = copy(order)
        new.pk, new.merchant_order_id = None, f"ZLT-{next(numbers)}"
        return new

    call = {"call": "create_order", "merchant_order_id": "ZLT-1", "at": order.initiated_at, "milliseconds": 100}
    yield (
        "a call: its row",
        lambda: insert(PhonePeCall(**call, outcome="answered")),
        lambda: PhonePeCall(**call, outcome="answered").save(force_insert=True),
    )
    yield "initiate: the order", lambda: insert(new_order()), lambda: new_order().save(force_insert=True)
    yield "completion: the order", lambda: update(order), order.save
    yield (
        "completion: what was paid for",
        lambda: update(order.payment, "status", "updated_at", "receipt", "owner"),
        lambda: order.payment.save(update_fields=["status", "updated_at", "receipt", "owner"]),
    )


def _statements() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    from django.utils import timezone
    from knox.models import AuthToken

    from core.models import Payment, PaymentTransaction, payables
    from core.models.payments import _CHARGES
    from core.models.property import _OUTSTANDING
    from core.services import locks
    from core.services.notices import switches
    from core.services.payments import checkout
    from core.services.rent import checkout as rent
    from core.views import authentication
    from tests.people import make_owner, make_tenancy, make_tenant

    tenancy = make_tenancy(make_owner("owner"), make_tenant("tenant"), starts_on=date(2026, 4, 1))
    user, token = tenancy.tenant.user.pk, AuthToken.objects.create(tenancy.tenant.user)[0]
    now = timezone.now()
    page = {"redirect_url": "https://example.org", "order_token": "", "phonepe_order_id": "OMO1"}
    order = PaymentTransaction.objects.create(
        merchant_order_id="ZLT-1", amount_paise=100, initiated_at=now, expire_at=now + timedelta(minutes=20), **page
    )
    Payment.objects.create(tenancy=tenancy, transaction=order, merchant_order_id="ZLT-1")

    yield "every request: the token", authentication._TOKENS, {"key": token.token_key}
    yield "initiate: lock the only tenancy", rent._OWN, {"tenant": tenancy.tenant_id}
    yield "initiate: lock the named tenancy", rent._NAMED, {"tenant": tenancy.tenant_id, "payer": tenancy.pk}
    yield "initiate: what is due, and the slot", checkout._books(rent.RentSlot), {"payer": tenancy.pk}
    yield "initiate: attach the page", checkout._ATTACH, {"pk": order.pk, "expire_at": order.expire_at, **page}
    yield "verify: the payment", payables._named_and_seen(Payment), {"merchant_order_id": "ZLT-1", "user": user}
    yield "completion: what an order belongs to", locks._ORDER, {"merchant_order_id": "ZLT-1"}
    yield "completion: lock the payer", payables._locked_payer(Payment), {"pk": tenancy.pk}
    yield "completion: lock payment and order", payables._locked(Payment), {"pk": order.payment.pk}
    yield "completion: what is outstanding", _OUTSTANDING, {"pk": tenancy.pk}
    yield "completion: which months are charged", _CHARGES, {"tenancy": tenancy.pk}
    yield "completion: whether the payer is told", switches._OFF, {"user": user, "kind": "payment_received"}


def _ways(statement: Any, values: dict[str, Any]) -> tuple[Way, Way]:
    """Return how a statement is run as it is, and how it would be if it were written at each use."""
    from core.db.prepared import Param, Prepared

    def bind(param: Any, _compiler: object, connection: Any) -> Any:
        return "%s", [param.output_field.get_db_prep_value(values[param.name], connection)]

    def anew() -> None:
        with patch.object(Param, "as_sql", bind):
            if isinstance(statement, Prepared):
                list(statement._make())
            else:
                statement._make().update(**statement._changes)

    run = statement.rows if isinstance(statement, Prepared) else statement.run
    return lambda: run(**values), anew


def _in_turns(*ways: Way) -> list[float]:
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for way, times in zip(ways, taken, strict=True):
            began = time.process_time()
            for _ in range(CALLS):
                way()
            times.append((time.process_time() - began) / CALLS * 1e6)
    return [median(times) for times in taken]


if __name__ == "__main__":
    main()

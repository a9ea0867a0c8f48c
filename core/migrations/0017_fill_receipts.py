"""Fill in to whom money was paid that has been captured already, and what its receipt says.

The books tell to whom, and how the months were paid at that moment. Names and addresses are those of now: earlier ones
are stored nowhere.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import QuerySet

AT_ONCE = 200
CAPTURES = ("capture", "placing")


def fill(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Run again after a stop, it goes on where it was."""
    for tenancies in batches(apps.get_model("core", "Tenancy").objects.select_related("tenant", "unit__property")):
        fill_rent(apps, tenancies)
    for subscriptions in batches(apps.get_model("core", "OwnerSubscription").objects.select_related("owner")):
        fill_subscriptions(apps, subscriptions)


def batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield batch
        last = batch[-1].pk


def fill_rent(apps: Apps, tenancies: list[Any]) -> None:
    payments: Any = apps.get_model("core", "Payment").objects
    open_ones = payments.filter(tenancy__in=tenancies, receipt__isnull=True, transaction__captured_paise__gt=0)
    unfilled = {payment.merchant_order_id: payment for payment in open_ones}
    if not unfilled:
        return
    owners, owner_of = apps.get_model("core", "Owner").objects, whom_was_paid(apps, unfilled)
    names = dict(owners.filter(pk__in=set(owner_of.values())).values_list("pk", "name"))
    filled = []
    for tenancy, order_id, months in what_was_paid(apps, tenancies):
        if (payment := unfilled.get(order_id)) and order_id in owner_of:
            payment.owner_id = owner_of[order_id]
            payment.receipt = {
                "payer": tenancy.tenant.name,
                "payee": names[payment.owner_id],
                "unit": f"{tenancy.unit.property.name}, {tenancy.unit.name}",
                "address": tenancy.unit.property.address,
                "months": months,
            }
            filled.append(payment)
    payments.bulk_update(filled, ["owner", "receipt"], batch_size=AT_ONCE)


def whom_was_paid(apps: Apps, order_ids: Any) -> dict[str, int]:
    """Return the key of the owner to whose account each order's capture was posted."""
    lines: Any = apps.get_model("core", "LedgerLine").objects
    captures, names = lines.filter(entry__kind__in=CAPTURES, account__startswith="owner:"), list(order_ids)
    posted: list[tuple[str, str]] = []
    for first in range(0, len(names), AT_ONCE):
        some = captures.filter(entry__subject__in=names[first : first + AT_ONCE])
        posted += some.values_list("entry__subject", "account")
    return {order_id: int(account.split(":")[1]) for order_id, account in posted}


def what_was_paid(apps: Apps, tenancies: list[Any]) -> Iterator[tuple[Any, str, list[dict[str, Any]]]]:
    """Yield each capture of these tenancies, with the months that were due then and that it paid: the oldest first."""
    lines: Any = apps.get_model("core", "LedgerLine").objects
    accounts = {f"tenancy:{tenancy.pk}:receivable": tenancy for tenancy in tenancies}
    months = dict(
        apps.get_model("core", "RentCharge").objects.filter(tenancy__in=tenancies).values_list("pk", "month")
    )
    charged: dict[str, dict[date, int]] = defaultdict(dict)
    paid: dict[str, int] = defaultdict(int)
    moved = lines.filter(account__in=accounts).order_by("entry_id", "pk")
    for account, kind, about, paise in moved.values_list(
        "account", "entry__kind", "entry__subject", "amount_paise"
    ):
        if kind == "charge":
            charged[account][months[int(about)]] = paise
            continue
        if kind in CAPTURES:
            yield accounts[account], about, months_paid(sorted(charged[account].items()), paid[account], -paise)
        paid[account] -= paise


def months_paid(charges: list[tuple[date, int]], paid_before: int, paise: int) -> list[dict[str, Any]]:
    paid = []
    for month, charge in charges:
        due = charge - min(charge, max(0, paid_before))
        paid_before -= charge
        if part := min(due, paise):
            paid.append({"month": f"{month:%Y-%m}", "paise": part, "of_paise": charge})
            paise -= part
    return paid


def fill_subscriptions(apps: Apps, subscriptions: list[Any]) -> None:
    payments: Any = apps.get_model("core", "OwnerSubscriptionPayment").objects
    periods: Any = apps.get_model("core", "SubscriptionPeriod").objects.filter(subscription__in=subscriptions)
    opened = {period.payment_id: period for period in periods}
    owner = {subscription.pk: subscription.owner.name for subscription in subscriptions}
    unfilled = payments.filter(
        subscription__in=subscriptions, receipt__isnull=True, transaction__captured_paise__gt=0
    ).select_related("plan")
    filled = list(unfilled)
    for payment in filled:
        period = opened.get(payment.pk)
        days = {"starts_at": period.starts_at, "ends_at": period.full_ends_at or period.ends_at} if period else {}
        payment.receipt = {
            "payer": owner[payment.subscription_id],
            "plan": payment.plan.name,
            "period": payment.period,
            **{name: moment.isoformat() for name, moment in days.items()},
        }
    payments.bulk_update(filled, ["receipt"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0016_payment_by_owner")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""Stories of what is no money itself: whose it is, what it is owed for, where it is booked, what was said of it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import Model, Q

from core.models import (
    Alert,
    JournalEntry,
    LedgerLine,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payable,
    Payment,
    SubscriptionChange,
    Tenancy,
    Tenant,
    User,
)
from core.models.ledger_accounts import owner_payable, tenancy_receivable
from core.money import rupees, rupees_for_people
from core.services.ledger.balances import balance_of
from core.services.timeline.events import Event, EventKind, Story, in_order
from core.services.timeline.find import key_of
from core.services.timeline.lookups import payments_of, rows_of
from core.services.timeline.told import tell_actions, tell_alerts, tell_entries

MOST = 100  # payments, entries or tenancies that are told, the newest


def story_beside_money(row: Model) -> Story:
    """Tell the story of a person, a tenancy, a subscription, an alert, a journal entry or an account.

    :raises LookupError: if it is something else
    """
    for kind, tell in TELLERS.items():
        if isinstance(row, kind):
            return tell(row)
    raise LookupError(f"{row!r} has no story.")


def _story_of_person(row: Owner | Tenant) -> Story:
    paid = list(payments_of([row.user]))
    account: dict[str, Any] = {}
    if isinstance(row, Owner):
        lettings = Tenancy.objects.filter(unit__property__owner=row)
        account = {"held": rupees(-balance_of(owner_payable(row.pk)).paise)}
        subscription = OwnerSubscription.objects.filter(owner=row).first()
        account |= {"subscription": subscription and key_of(subscription)}
    else:
        lettings = Tenancy.objects.filter(tenant=row)
    subject = {
        "id": key_of(row),
        "name": row.name,
        "phone": row.phone,
        **_log_in(row.user),
        **account,
        "tenancies": ", ".join(
            f"tenancy:{key}" for key in lettings.order_by("-pk").values_list("pk", flat=True)[:MOST]
        ),
    }
    events = [*_tell_payments(paid), *tell_actions(Q(about__in=[key_of(row), f"user:{row.user_id}"]))]
    return Story(subject, in_order(events), _to_explain(paid))


def _story_of_user(row: User) -> Story:
    actions = Q(about=key_of(row)) | Q(by=row)
    return Story({"id": key_of(row), **_log_in(row)}, in_order(list(tell_actions(actions))), [])


def _log_in(user: User) -> dict[str, Any]:
    return {"user_name": user.get_username(), "email": user.email, "can_log_in": user.is_active, "role": str(user.role)}


def _story_of_tenancy(row: Tenancy) -> Story:
    paid = list(rows_of(Payment).filter(tenancy=row)[:MOST])
    owed = row.outstanding_paise()
    subject = {
        "id": key_of(row),
        "tenant": f"{row.tenant} (tenant:{row.tenant_id})",
        "unit": str(row.unit),
        "owner": f"{row.unit.property.owner} (owner:{row.unit.property.owner_id})",
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on and row.ends_on.isoformat(),
        "monthly_rent": rupees(row.monthly_rent_paise),
        "outstanding": rupees(owed),
    }
    events = [
        *_tell_payments(paid),
        *_tell_account(tenancy_receivable(row.pk)),
        *tell_alerts([key_of(row)]),
        *tell_actions(Q(about=key_of(row))),
    ]
    owes = f"{rupees_for_people(owed)} is outstanding" if owed > 0 else "Nothing is outstanding"
    ahead = f"; {rupees_for_people(-owed)} is paid ahead" if owed < 0 else ""
    return Story(subject, in_order(events), [f"{owes}{ahead}.", *_to_explain(paid)])


def _story_of_subscription(row: OwnerSubscription) -> Story:
    paid = list(rows_of(OwnerSubscriptionPayment).filter(subscription=row)[:MOST])
    subject = {
        "id": key_of(row),
        "owner": f"{row.owner} (owner:{row.owner_id})",
        "status": row.status,
        "plan": row.plan and str(row.plan),
        "period": row.period,
        "paid_until": row.paid_until and row.paid_until.isoformat(),
        "cancels_then": row.cancel_at_period_end,
        "mandates": ", ".join(row.mandates.order_by("-pk").values_list("merchant_subscription_id", flat=True)[:MOST]),
    }
    moves = (
        Event(change.at, EventKind.STATUS, f"The subscription went from {change}.", cause=change.event)
        for change in SubscriptionChange.objects.filter(subscription=row)
    )
    events = [*_tell_payments(paid), *moves, *tell_actions(Q(about=key_of(row)))]
    return Story(subject, in_order(events), _to_explain(paid))


def _story_of_alert(row: Alert) -> Story:
    subject = {"id": key_of(row), "kind": row.kind, "about": row.subject, "is_resolved": row.resolved_at is not None}
    events = [*tell_alerts([row.subject]), *tell_actions(Q(about=key_of(row)))]
    return Story(subject, in_order(events), [f"What it is about: manage.py explain {row.subject}"])


def _story_of_entry(row: JournalEntry) -> Story:
    subject = {"id": key_of(row), "source": row.source, "kind": row.kind, "about": row.subject}
    return Story(subject, list(tell_entries(Q(pk=row.pk))), [])


def _story_of_account(row: LedgerLine) -> Story:
    balance = balance_of(row.account)
    subject = {
        "id": row.account,
        "balance": rupees(balance.paise),
        "debits": rupees(balance.debits),
        "credits": rupees(balance.credits),
    }
    return Story(subject, in_order(list(_tell_account(row.account))), [])


def _tell_account(account: str) -> Iterator[Event]:
    newest = LedgerLine.objects.filter(account=account).order_by("-pk").values_list("entry_id", flat=True)[:MOST]
    yield from tell_entries(Q(pk__in=list(newest)))


def _tell_payments(paid: Iterable[Payable]) -> Iterator[Event]:
    for each in paid:
        yield Event(
            each.created_at,
            EventKind.INITIATED,
            f"{key_of(each)} of {rupees_for_people(each.transaction.amount_paise)} was begun, {each.payer_sentence()}; "
            f"it is {each.get_status_display().lower()}.",
            cause="payer",
            detail={"payment": key_of(each), "merchant_order_id": each.merchant_order_id},
        )


def _to_explain(paid: list[Any]) -> list[str]:
    if not paid:
        return ["Nothing was ever begun to be paid."]
    newest = max(paid, key=lambda each: each.created_at)
    return [f"The story of the newest of {len(paid)} payments: manage.py explain {key_of(newest)}"]


TELLERS: dict[type[Model], Callable[[Any], Story]] = {
    Owner: _story_of_person,
    Tenant: _story_of_person,
    User: _story_of_user,
    Tenancy: _story_of_tenancy,
    OwnerSubscription: _story_of_subscription,
    Alert: _story_of_alert,
    JournalEntry: _story_of_entry,
    LedgerLine: _story_of_account,
}

"""AutoPay from its setup to the second debit."""

from datetime import timedelta

from core.models import OwnerSubscriptionPayment, StateChange


def test_a_month_is_debited_by_itself(autopay):
    started = autopay.sets_up()
    assert started.status_code == 201, started.content
    body = started.json()
    assert (body["state"], body["intent_url"][:14]) == ("ACTIVATION_IN_PROGRESS", "upi://mandate?")

    autopay.approves()

    mandate, subscription = autopay.mandate, autopay.subscription
    assert (mandate.state, mandate.is_in_use, mandate.max_amount_paise) == ("ACTIVE", True, 748_50)
    assert (subscription.status, subscription.paid_until.isoformat()) == ("active", "2026-05-10T06:30:00+00:00")
    first_end = subscription.paid_until
    autopay.works_until(first_end - timedelta(days=3) + timedelta(hours=2), every=timedelta(hours=6))
    [debit] = autopay.debits
    assert (debit.status, debit.renews_from, debit.transaction.amount_paise) == ("pending", first_end, 499_00)
    autopay.works_until(first_end - timedelta(minutes=1), every=timedelta(hours=6))
    assert autopay.calls("redeem") == []

    autopay.works_until(first_end + timedelta(hours=2), every=timedelta(minutes=5))

    debit.refresh_from_db()
    assert (debit.status, autopay.subscription.status) == ("completed", "active")
    assert autopay.subscription.paid_until.isoformat() == "2026-06-10T06:30:00+00:00"
    assert len(autopay.calls("notify")) == len(autopay.calls("redeem")) == 1
    autopay.works_until(autopay.end + timedelta(hours=3), every=timedelta(hours=6))
    assert [each.status for each in autopay.debits] == ["completed", "completed"]
    assert OwnerSubscriptionPayment.objects.count() == 3
    assert list(StateChange.objects.filter(what="mandate").values_list("old", "new")) == [
        ("ACTIVATION_IN_PROGRESS", "ACTIVE")
    ]

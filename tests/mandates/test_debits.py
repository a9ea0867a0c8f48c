"""Debits under a mandate: announced, executed, failed, given up, never twice."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from time_machine import Traveller

from core.models import ChangeCause, Invoice, Mandate, MandateDebit, Notification, PhonePeCall, PricingPlan, Refund
from core.services.payments.order_status import ask_now
from core.services.phonepe_service import PhonePeService
from core.services.polling.claims import CheckResult
from core.services.refunds.requesting import request_refund
from core.services.timeline.find import find
from core.tasks import renew_subscriptions
from phonepe_simulator import Fault
from tests.log_lines import lines_of
from tests.mandates.autopay import Autopay
from tests.mandates.steps import announced, at_the_end, soon
from tests.people import Caller, make_plan
from tests.phonepe import Days, PhonePe
from tests.subscriptions import is_refunded, pays_a_period, subscribes

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def told_of() -> dict[str, int]:
    """Return what the owner was told of AutoPay, and how often."""
    kinds = Notification.objects.values_list("kind", flat=True)
    return dict(Counter(kind for kind in kinds if kind.startswith(("debit_", "mandate_"))))


def faulty(autopay: Autopay, kind: str, call: str) -> None:
    autopay.phonepe.simulator.faults.add(Fault(kind, call=f"subscription_{call}", times=1))


def test_it_is_executed_a_day_after_its_notice_and_not_before_the_end(subscribed):
    end = subscribed.end
    debit = announced(subscribed)

    subscribed.go_to(end - MINUTE)
    subscribed.works()
    assert subscribed.calls("redeem") == []
    at_the_end(subscribed)

    debit.refresh_from_db()
    told = MandateDebit.objects.get(payment=debit)
    assert (debit.status, debit.purpose, told.tries) == ("completed", "renewal", 1)
    assert told.executed_at is not None
    assert told.valid_after is not None
    assert told.executed_at >= max(end, told.valid_after)
    assert subscribed.end > end


def test_it_is_found_by_the_mandates_ids_and_its_invoice(subscribed):
    debit, mandate = announced(subscribed), subscribed.mandate
    [invoice] = Invoice.objects.all()

    assert mandate.subscription_id == subscribed.phonepe.simulator.mandates[str(mandate)].subscription_id
    for known in (mandate.merchant_subscription_id, mandate.subscription_id):
        assert {match.row for match in find(known)} == {mandate.setup(), debit}
    assert [match.row for match in find(invoice.number)] == [mandate.setup()]


def test_its_calls_leave_rows(subscribed):
    announced(subscribed)
    at_the_end(subscribed)

    made = set(PhonePeCall.objects.values_list("call", flat=True))
    assert {"set_up_mandate", "mandate_status", "announce_debit", "execute_debit", "order_status"} <= made


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "server_error_after", "broken_json"])
def test_a_notice_of_unknown_outcome_is_asked_about_and_never_sent_under_another_id(subscribed, kind):
    faulty(subscribed, kind, "notify")
    subscribed.go_to(subscribed.end - 3 * DAY)

    subscribed.works_until(subscribed.end - 2 * DAY)
    at_the_end(subscribed)

    [debit] = subscribed.debits
    assert debit.status == "completed"
    assert {call.merchant_order_id for call in subscribed.calls("notify")} == {debit.merchant_order_id}
    assert list(subscribed.phonepe.simulator.orders)[1:] == [debit.merchant_order_id]


def test_from_when_on_it_may_be_executed_is_noted_once_and_of_that_debit_alone(
    subscribed, other_owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days, traveller: Traveller
):
    other = Autopay(other_owner.user, plan, phonepe, traveller)
    other.sets_up()
    other.approves()
    subscribed.go_to(other.end - 3 * DAY)
    for _ in range(3):
        subscribed.works()
        subscribed.pass_by(minutes=2)
    mine, theirs = MandateDebit.objects.order_by("pk")
    first_word = mine.valid_after
    assert first_word is not None
    assert theirs.valid_after is not None

    def says_once_more() -> None:
        days.pass_by(4)
        assert ask_now(MandateDebit.objects.get(pk=mine.pk).order, cause=ChangeCause.OPERATOR) == CheckResult.PENDING
        mine.refresh_from_db()
        theirs.refresh_from_db()

    MandateDebit.objects.update(valid_after=None)
    says_once_more()
    assert (mine.valid_after, theirs.valid_after) == (first_word, None)
    assert mine.mandate.next_check_at == days.now()

    earlier = first_word - HOUR
    MandateDebit.objects.filter(pk=mine.pk).update(valid_after=earlier)
    Mandate.objects.update(next_check_at=first_word)
    says_once_more()
    assert (mine.valid_after, mine.mandate.next_check_at) == (earlier, first_word)


def test_of_two_workers_who_hear_at_once_from_when_on_the_first_is_believed(subscribed, days: Days):
    debit = MandateDebit.objects.get(payment=announced(subscribed))
    earlier = debit.valid_after - HOUR
    MandateDebit.objects.update(valid_after=None)

    def hears_it_before_us(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "core_mandatedebit"') and not heard:
            heard.append(MandateDebit)
            MandateDebit.objects.update(valid_after=earlier)
        return execute(sql, *rest)

    heard: list[type] = []
    days.pass_by(4)
    with connection.execute_wrapper(hears_it_before_us):
        ask_now(debit.order, cause=ChangeCause.OPERATOR)

    debit.refresh_from_db()
    assert (len(heard), debit.valid_after) == (1, earlier)


def test_a_notice_still_on_its_way_is_not_given_up_because_phonepe_refuses_it_the_second_time(subscribed):
    faults = subscribed.phonepe.simulator.faults
    faults.add(Fault("late_effect", call="subscription_notify", times=1, seconds=900))
    faults.add(Fault("refused", call="subscription_notify", times=1))
    subscribed.go_to(subscribed.end - 3 * DAY)

    subscribed.works_until(timezone.now() + 2 * HOUR, every=timedelta(minutes=1))

    assert [debit.status for debit in subscribed.debits] == ["pending"]
    assert len({call.body["merchantOrderId"] for call in subscribed.calls("notify")}) == 1
    at_the_end(subscribed)
    assert [debit.status for debit in subscribed.debits] == ["completed"]


def test_a_notice_that_phonepe_goes_on_refusing_is_given_up_within_two_hours(subscribed):
    faults = subscribed.phonepe.simulator.faults
    faults.add(Fault("timeout_before", call="subscription_notify", times=1))
    subscribed.go_to(subscribed.end - 3 * DAY)
    subscribed.works_until(timezone.now() + timedelta(minutes=1, seconds=30), every=timedelta(seconds=30))
    faults.add(Fault("refused", call="subscription_notify"))

    subscribed.works_until(timezone.now() + 2 * HOUR, every=timedelta(minutes=5))

    assert subscribed.debits[0].status == "failed"


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "bad_gateway", "cut_after"])
def test_an_execution_of_unknown_outcome_debits_once(subscribed, kind):
    debit = announced(subscribed)
    faulty(subscribed, kind, "redeem")

    at_the_end(subscribed)
    subscribed.works_until(timezone.now() + 3 * HOUR)

    debit.refresh_from_db()
    assert debit.status == "completed"
    assert subscribed.phonepe.simulator.record()[debit.merchant_order_id]["captured"] == 499_00


def test_an_execution_that_never_arrived_is_not_tried_again_after_its_time(subscribed, caplog):
    debit = announced(subscribed)
    faulty(subscribed, "timeout_before", "redeem")
    subscribed.go_to(subscribed.end)
    subscribed.works()
    expired = debit.transaction.expire_at + MINUTE

    subscribed.go_to(expired)  # all workers were down, and this is the first that comes back
    renew_subscriptions()
    subscribed.works_until(expired + 6 * HOUR)

    debit.refresh_from_db()
    assert debit.status == "failed"
    assert subscribed.phonepe.simulator.record()[debit.merchant_order_id]["captured"] == 0
    assert all(call.at < expired for call in subscribed.calls("redeem"))
    assert not lines_of(caplog, "check_failed")


def test_a_debit_that_came_with_another_amount_waits_for_an_operator_and_is_not_tried_again(subscribed):
    debit = announced(subscribed)
    subscribed.phonepe.simulator.faults.add(Fault("wrong_amount", call="order_status", value=-1_00))
    subscribed.go_to(subscribed.end)

    subscribed.works_until(subscribed.end + 6 * HOUR)

    debit.refresh_from_db()
    assert (debit.status, debit.transaction.reconciliation_status) == ("pending", "mismatch")
    assert len(subscribed.calls("redeem")) == 1


@pytest.mark.parametrize("at", ["announce_debit", "execute_debit"])
def test_a_worker_that_dies_in_the_call_leaves_it_to_the_next(subscribed, at, monkeypatch):
    if at == "execute_debit":
        announced(subscribed)
    else:
        subscribed.go_to(subscribed.end - 3 * DAY)
        subscribed.works()
        subscribed.pass_by(minutes=2)

    class Killed(BaseException):
        pass

    def dies(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(PhonePeService, at, dies)
        if at == "execute_debit":
            subscribed.go_to(subscribed.end)
        with pytest.raises(Killed):
            subscribed.works()

    subscribed.works_until(subscribed.end + 2 * HOUR)

    assert [debit.status for debit in subscribed.debits] == ["completed"]
    assert subscribed.phonepe.simulator.record()[subscribed.debits[0].merchant_order_id]["captured"] == 499_00


def test_two_workers_announce_it_once(subscribed):
    subscribed.go_to(subscribed.end - 3 * DAY)

    for _ in range(3):
        subscribed.works()
        subscribed.works()
        subscribed.pass_by(minutes=2)

    assert len(subscribed.calls("notify")) == 1
    assert len(subscribed.debits) == 1


def test_a_refund_that_brings_the_end_near_has_the_debit_announced_at_once(subscribed, operator, days):
    subscribed.go_to(subscribed.end - 16 * DAY)
    subscribed.works()

    is_refunded(subscribed.mandate.setup(), "240.00", operator, days)
    for _ in range(4):
        subscribed.works()
        subscribed.pass_by(minutes=2)

    assert subscribed.end - timezone.now() < 2 * DAY
    [debit] = subscribed.debits
    assert debit.renews_from == subscribed.end
    end = subscribed.end
    subscribed.works_until(end + HOUR, every=timedelta(minutes=20))
    assert (subscribed.subscription.status, subscribed.end - end > 27 * DAY) == ("active", True)


def test_what_asks_again_about_a_refunded_order_changes_no_period(subscribed, operator, days):
    subscribed.go_to(subscribed.end - 16 * DAY)
    setup = subscribed.mandate.setup()
    is_refunded(setup, "240.00", operator, days)
    shortened, papers = subscribed.end, Invoice.objects.count()

    subscribed.phonepe.simulator.send_webhook(
        "subscription.setup.order.completed", setup.merchant_order_id, payload={"state": "COMPLETED"}
    )
    soon(subscribed)
    for _ in range(3):
        ask_now(setup.transaction, cause="command")
        subscribed.pass_by(seconds=5)

    assert (subscribed.end, Invoice.objects.count(), Refund.objects.count()) == (shortened, papers, 1)


def test_a_period_paid_by_hand_meanwhile_is_not_debited(subscribed):
    debit = announced(subscribed)
    end = subscribed.end
    pays_a_period(subscribed.caller(), subscribed.plan, subscribed.phonepe)

    subscribed.go_to(end)
    subscribed.works_until(end + DAY)

    debit.refresh_from_db()
    assert (debit.status, subscribed.calls("redeem")) == ("cancelled", [])
    assert (subscribed.subscription.status, subscribed.end - end > 27 * DAY) == ("active", True)


def test_a_page_that_is_opened_and_left_keeps_no_debit_away(subscribed):
    debit, end = announced(subscribed), subscribed.end
    assert subscribes(subscribed.caller(), subscribed.plan).status_code == 201

    at_the_end(subscribed)

    debit.refresh_from_db()
    assert (debit.status, subscribed.end > end) == ("completed", True)


def test_a_debit_that_comes_although_the_period_is_paid_goes_back_whole(subscribed):
    subscribed.phonepe.simulator.change_settings(debit_outcome="pending")
    debit = announced(subscribed)
    at_the_end(subscribed)
    pays_a_period(subscribed.caller(), subscribed.plan, subscribed.phonepe)
    end = subscribed.end

    subscribed.phonepe.simulator.conclude(debit.merchant_order_id, "success")
    subscribed.works_until(timezone.now() + DAY)

    debit.refresh_from_db()
    assert (debit.status, subscribed.end) == ("refunded", end)
    assert [(refund.amount_paise, refund.kind) for refund in Refund.objects.all()] == [(499_00, "surplus")]


def test_a_refund_that_ends_the_paid_time_earlier_ends_the_announced_debit(subscribed, operator):
    first = announced(subscribed)
    setup = subscribed.mandate.setup()

    request_refund(setup, amount_paise=100_00, reason="Asked for", user=operator.user, now=timezone.now())
    for _ in range(3):
        subscribed.pass_by(minutes=1)
        subscribed.works()

    first.refresh_from_db()
    assert subscribed.end < timezone.now()
    assert (first.status, subscribed.subscription.status) == ("cancelled", "past_due")
    subscribed.works_until(timezone.now() + 2 * DAY)
    assert [each.status for each in subscribed.debits] == ["cancelled", "completed"]
    assert (len(subscribed.calls("redeem")), subscribed.subscription.status) == (1, "active")


def test_an_upgrade_after_the_notice_is_announced_anew_and_debited_in_time(subscribed):
    first, end, growth = announced(subscribed), subscribed.end, make_plan("Growth", monthly_price_paise=699_00)
    pays_a_period(subscribed.caller(), growth, subscribed.phonepe)

    subscribed.works_until(end - 2 * DAY, every=10 * MINUTE)

    first.refresh_from_db()
    assert (first.status, len(subscribed.calls("notify"))) == ("cancelled", 2)
    subscribed.works_until(end + 2 * HOUR)
    assert [(each.status, each.plan.name) for each in subscribed.debits] == [
        ("cancelled", "Starter"),
        ("completed", "Growth"),
    ]
    assert "subscription_past_due" not in Notification.objects.values_list("kind", flat=True)


def test_a_mandate_that_goes_on_without_a_word_is_found_in_time(subscribed):
    simulator, name = subscribed.phonepe.simulator, str(subscribed.mandate)
    subscribed.go_to(subscribed.end - 6 * DAY)
    simulator.mandates.pause(name)
    soon(subscribed)
    subscribed.phonepe.reachable = False
    simulator.mandates.unpause(name)

    subscribed.works_until(subscribed.end + 2 * HOUR)

    assert [each.status for each in subscribed.debits] == ["completed"]


def test_a_failed_debit_makes_it_past_due_and_is_tried_once_more(subscribed):
    subscribed.phonepe.simulator.mandates.fail_debits(str(subscribed.mandate), times=4)
    first = announced(subscribed)
    end = subscribed.end
    subscribed.go_to(end)

    subscribed.works_until(end + 20 * HOUR)

    first.refresh_from_db()
    assert (first.status, subscribed.subscription.status) == ("failed", "past_due")
    subscribed.works_until(end + 4 * DAY, every=timedelta(hours=2))
    assert [each.status for each in subscribed.debits] == ["failed", "completed"]
    assert (subscribed.subscription.status, subscribed.end - end > 27 * DAY) == ("active", True)


def test_after_the_second_failure_it_is_for_the_owner_to_pay(subscribed):
    subscribed.phonepe.simulator.mandates.fail_debits(str(subscribed.mandate), times=20)
    announced(subscribed)
    end = subscribed.end

    subscribed.go_to(end)
    subscribed.works_until(end + 8 * DAY, every=timedelta(hours=3))

    assert [each.status for each in subscribed.debits] == ["failed", "failed"]
    assert subscribed.subscription.status == "expired"
    assert len(subscribed.calls("notify")) == 2
    assert told_of() == {"debit_announced": 2, "debit_failed": 2}


def test_a_notice_that_does_not_arrive_is_sent_once_more(subscribed):
    subscribed.phonepe.simulator.mandates.fail_notices(str(subscribed.mandate))
    subscribed.go_to(subscribed.end - 3 * DAY)

    subscribed.works_until(subscribed.end + 2 * HOUR)

    assert [each.status for each in subscribed.debits] == ["failed", "completed"]


def test_a_paused_mandate_is_not_debited_and_after_it_goes_on_there_is_a_new_notice(subscribed):
    first = announced(subscribed)
    subscribed.phonepe.simulator.mandates.pause(str(subscribed.mandate))
    soon(subscribed)
    first.refresh_from_db()
    assert (first.status, subscribed.mandate.state) == ("cancelled", "PAUSED")
    assert told_of() == {"debit_announced": 1, "mandate_paused": 1}

    at_the_end(subscribed)
    assert subscribed.calls("redeem") == []
    assert subscribed.subscription.status == "past_due"
    subscribed.phonepe.simulator.mandates.unpause(str(subscribed.mandate))
    subscribed.works_until(timezone.now() + 2 * DAY)

    assert [each.status for each in subscribed.debits] == ["cancelled", "completed"]


def test_a_mandate_paused_without_a_webhook_is_found_out_before_the_debit(subscribed):
    announced(subscribed)
    subscribed.phonepe.reachable = False
    subscribed.phonepe.simulator.mandates.pause(str(subscribed.mandate))

    at_the_end(subscribed)

    assert (subscribed.calls("redeem"), subscribed.mandate.state) == ([], "PAUSED")


def test_a_withdrawn_mandate_falls_back_to_paying_by_hand(subscribed):
    debit = announced(subscribed)
    subscribed.phonepe.simulator.mandates.revoke(str(subscribed.mandate))
    soon(subscribed)

    at_the_end(subscribed)

    debit.refresh_from_db()
    assert (debit.status, subscribed.mandate.state, subscribed.mandate.is_in_use) == ("cancelled", "REVOKED", False)
    assert subscribed.subscription.status == "past_due"
    assert told_of() == {"debit_announced": 1, "mandate_revoked": 1}
    assert subscribes(subscribed.caller(), subscribed.plan).status_code == 201
    assert subscribed.sets_up().status_code == 201


def test_a_price_above_the_maximum_is_not_debited(subscribed):
    type(subscribed.plan).objects.update(monthly_price_paise=748_51)

    subscribed.go_to(subscribed.end - 3 * DAY)
    subscribed.works_until(subscribed.end + HOUR)

    assert (subscribed.debits, subscribed.calls("notify")) == ([], [])
    assert subscribed.sets_up().status_code == 201


def test_cancelling_ends_it_at_phonepe(subscribed):
    debit = announced(subscribed)

    answer = subscribed.cancels()

    assert (answer.status_code, answer.json()["state"]) == (202, "CANCEL_IN_PROGRESS")
    shown = subscribed.caller().get("/api/owner-subscriptions/").json()["autopay"]
    assert (shown["state"], shown["next_debit_at"]) == ("CANCEL_IN_PROGRESS", None)
    subscribed.works()
    subscribed.pass_by(minutes=2)
    subscribed.works()
    debit.refresh_from_db()
    assert (subscribed.mandate.state, debit.status) == ("CANCELLED", "cancelled")
    assert told_of() == {"debit_announced": 1}, "who ends it here is not told that it ended"
    assert subscribed.cancels().status_code == 202
    assert len(subscribed.calls("cancel")) == 1


def test_until_phonepe_confirms_no_debit_is_begun(subscribed):
    announced(subscribed)
    subscribed.phonepe.simulator.faults.add(Fault("timeout_before", call="subscription_cancel"))

    subscribed.cancels()
    at_the_end(subscribed)

    assert (subscribed.calls("redeem"), subscribed.mandate.is_in_use) == ([], False)
    subscribed.phonepe.simulator.faults.clear()
    subscribed.works_until(timezone.now() + 3 * HOUR)
    assert subscribed.mandate.state == "CANCELLED"


def test_cancelling_the_subscription_cancels_the_mandate(subscribed):
    debit = announced(subscribed)
    shown = subscribed.caller().get("/api/owner-subscriptions/").json()["autopay"]
    assert (shown["state"], shown["max_amount"], shown["next_debit_amount"]) == ("ACTIVE", "748.50", "499.00")
    assert shown["next_debit_at"] == subscribed.end.isoformat().replace("+00:00", "Z")

    assert subscribed.caller().post("/api/owner-subscriptions/cancel/").status_code == 200
    at_the_end(subscribed)

    debit.refresh_from_db()
    assert (debit.status, subscribed.calls("redeem"), subscribed.mandate.state) == ("cancelled", [], "CANCELLED")
    assert subscribed.subscription.status == "cancelled"


def test_there_is_nothing_to_cancel(autopay):
    assert autopay.cancels().status_code == 404


def test_a_setup_that_is_cancelled_and_approved_all_the_same_goes_back(autopay):
    autopay.sets_up()
    autopay.cancels()

    autopay.approves()
    autopay.works_until(timezone.now() + DAY)

    assert (autopay.mandate.state, autopay.subscription.status) == ("CANCELLED", "")
    assert [refund.state for refund in Refund.objects.all()] == ["COMPLETED"]


def test_merchant_retries_keep_phonepes_rules(subscribed, settings):
    settings.AUTOPAY_RETRIES = "custom"
    subscribed.phonepe.simulator.mandates.fail_debits(str(subscribed.mandate), times=2)
    debit = announced(subscribed)
    end = subscribed.end
    subscribed.go_to(end)

    subscribed.works_until(end + 30 * HOUR)

    debit.refresh_from_db()
    assert debit.status == "completed"
    statuses = [call.status for call in subscribed.calls("redeem")]
    assert (len(statuses), set(statuses)) == (3, {200})
    moments = [call.at for call in subscribed.calls("redeem")]
    assert all(later - earlier >= timedelta(hours=1, minutes=30) for earlier, later in pairwise(moments))


def test_an_outage_of_phonepe_is_caught_up(subscribed):
    subscribed.phonepe.simulator.faults.add(Fault("timeout_before"))
    subscribed.go_to(subscribed.end - 3 * DAY)
    subscribed.works_until(subscribed.end - 2 * DAY)
    assert subscribed.debits == []
    subscribed.phonepe.simulator.faults.clear()

    subscribed.works_until(subscribed.end + 2 * HOUR)

    assert [each.status for each in subscribed.debits] == ["completed"]


def test_a_state_nobody_documented_decides_nothing(subscribed):
    subscribed.phonepe.simulator.faults.add(Fault("unknown_state", call="subscription_status", times=1))
    subscribed.go_to(subscribed.end - 3 * DAY)

    subscribed.works_until(subscribed.end + 2 * HOUR)

    assert subscribed.mandate.state == "ACTIVE"
    assert [each.status for each in subscribed.debits] == ["completed"]

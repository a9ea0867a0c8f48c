"""POST /api/payments/<id>/refund/ and /api/owner-subscriptions/<id>/refund/"""

from typing import Any

import pytest

from core.models import OperatorAction, OwnerSubscriptionPayment, Payment, PricingPlan, Refund
from phonepe_simulator import Fault
from tests.api.answers import assert_problem
from tests.chargebacks import charges_back
from tests.people import Caller
from tests.phonepe import Days, PhonePe


def refunds(caller: Caller, payment: Payment, key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return caller.post(f"/api/payments/{payment.pk}/refund/", {"reason": "Moved out", **body}, **headers)


class TestRefund:
    def test_it_is_on_its_way(self, owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
        answer = refunds(owner, paid, amount="5000.00")

        assert answer.status_code == 202
        assert not OperatorAction.objects.exists(), "an owner is no operator"
        refund = Refund.objects.get()
        assert answer.json() == {
            "success": True,
            "merchant_refund_id": refund.merchant_refund_id,
            "refund_id": phonepe.simulator.refunds[refund.merchant_refund_id].refund_id,
            "state": "PENDING",
            "amount": "5000.00",
        }

    @pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "server_error", "bad_gateway_after"])
    def test_an_unknown_outcome_is_on_its_way_too(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, days: Days, kind: str
    ) -> None:
        phonepe.simulator.faults.add(Fault(kind, "refund", times=1))

        answer = refunds(owner, paid)

        assert (answer.status_code, answer.json()["state"], answer.json()["refund_id"]) == (202, "PENDING", "")
        days.tick_for(120)
        days.pass_by(3600)
        days.tick_for(1)
        assert Refund.objects.get().state == "COMPLETED"
        assert phonepe.simulator.record()[paid.merchant_order_id]["refunded"] == 15_000_00

    @pytest.mark.parametrize("amount", ["0", "0.99", "-1", "1.001", "1e3", "NaN", "", [], {}, True, "15000.01", " 5"])
    def test_an_amount_that_cannot_be_is_refused(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, amount: Any
    ) -> None:
        answer = refunds(owner, paid, amount=amount)

        assert_problem(answer, 422 if amount == "15000.01" else 400)
        assert not phonepe.simulator.calls_to("refund")
        assert not Refund.objects.exists()

    @pytest.mark.parametrize("amount", [{}, {"amount": None}])
    def test_without_an_amount_all_that_is_left_goes_back(
        self, owner: Caller, paid: Payment, amount: dict[str, None]
    ) -> None:
        assert refunds(owner, paid, **amount).json()["amount"] == "15000.00"

    @pytest.mark.parametrize("amount", ["0", "0.50", "0.99", "-5"])
    def test_a_sentence_about_a_refund_speaks_of_refunds(self, owner: Caller, paid: Payment, amount: str) -> None:
        body = assert_problem(refunds(owner, paid, amount=amount), 400, "invalid", field="amount")

        assert body["error"] == "The smallest refund is ₹1.00."

    @pytest.mark.parametrize(("amount", "rest"), [("14999.50", "₹0.50"), ("14999.01", "₹0.99"), ("14999.99", "₹0.01")])
    def test_a_rest_that_could_never_go_back_is_refused(
        self, owner: Caller, paid: Payment, phonepe: PhonePe, amount: str, rest: str
    ) -> None:
        body = assert_problem(refunds(owner, paid, amount=amount), 400, "refund_rest_too_small", field="amount")

        assert body["error"] == (
            f"This would leave {rest} of the payment, less than the smallest refund of ₹1.00. "
            "Refund all of it, or leave at least ₹1.00."
        )
        assert not phonepe.simulator.calls_to("refund")
        assert not Refund.objects.exists()

    @pytest.mark.parametrize("amount", ["14999.00", "15000.00"])
    def test_a_rest_of_a_rupee_or_of_nothing_is_fine(self, owner: Caller, paid: Payment, amount: str) -> None:
        assert refunds(owner, paid, amount=amount).json()["amount"] == amount

    def test_the_rest_counts_what_was_refunded_before(self, owner: Caller, paid: Payment, days: Days) -> None:
        refunds(owner, paid, amount="10000.00")
        days.pass_by(3600)
        days.tick_for(1)

        assert_problem(refunds(owner, paid, amount="4999.50"), 400, "refund_rest_too_small")
        assert refunds(owner, paid, amount="5000.00").status_code == 202

    def test_a_rest_of_a_rupee_goes_back_too(self, owner: Caller, paid: Payment, days: Days) -> None:
        refunds(owner, paid, amount="14999.00")
        days.pass_by(3600)
        days.tick_for(1)

        assert refunds(owner, paid).json()["amount"] == "1.00"

    def test_so_does_a_rupee_beside_what_the_payers_bank_took_back(self, owner: Caller, paid: Payment) -> None:
        charges_back(paid, 14_999_00, settlement="S-1")

        shown = owner.get(f"/api/payments/{paid.pk}/").json()
        assert (shown["can_refund"], shown["refundable_amount"]) == (True, "1.00")
        assert refunds(owner, paid).json()["amount"] == "1.00"

    @pytest.mark.parametrize("reason", ["", None, "x" * 501, [], {}])
    def test_it_needs_a_reason(self, owner: Caller, paid: Payment, phonepe: PhonePe, reason: Any) -> None:
        assert_problem(refunds(owner, paid, reason=reason), 400, "invalid", field="reason")
        assert not phonepe.simulator.calls_to("refund")

    def test_who_may(
        self, tenant: Caller, stranger: Caller, other_owner: Caller, operator: Caller, paid: Payment, phonepe: PhonePe
    ) -> None:
        for caller in (tenant, stranger):
            assert_problem(refunds(caller, paid), 403, "permission_denied")
        assert_problem(refunds(other_owner, paid), 404, "not_found")
        assert not phonepe.simulator.calls_to("refund")
        assert refunds(operator, paid).status_code == 202
        kept, refund = OperatorAction.objects.get(), Refund.objects.get()
        assert (kept.action, kept.by, kept.about) == ("refund", operator.user, f"payment:{paid.pk}")
        assert (kept.refund, kept.detail, kept.reason) == (refund, {"amount_paise": 15_000_00}, "Moved out")

    def test_what_is_not_paid_is_not_refunded(self, owner: Caller, payment: Payment, phonepe: PhonePe) -> None:
        assert_problem(refunds(owner, payment), 409, "not_refundable")

    def test_one_at_a_time(self, owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
        refunds(owner, paid, amount="1.00")

        assert_problem(refunds(owner, paid, amount="1.00"), 409, "refund_running")

    def test_the_same_key_refunds_once(self, owner: Caller, paid: Payment, phonepe: PhonePe) -> None:
        first, again = refunds(owner, paid, "k1", amount="1.00"), refunds(owner, paid, "k1", amount="1.00")

        assert (first.status_code, again.status_code) == (202, 202)
        assert first.json() == again.json()
        assert_problem(refunds(owner, paid, "k1", amount="2.00"), 422, "idempotency_key_reused")
        assert len(phonepe.simulator.calls_to("refund")) == 1

    def test_it_is_shown_with_the_payment(self, tenant: Caller, owner: Caller, paid: Payment, days: Days) -> None:
        refunds(owner, paid, amount="5000.00")
        days.pass_by(3600)
        days.tick_for(1)

        body = tenant.get(f"/api/payments/{paid.pk}/").json()

        assert (body["status"], body["state"], body["refunded_amount"]) == (
            "partially_refunded",
            "COMPLETED",
            "5000.00",
        )
        assert [(each["amount"], each["state"]) for each in body["refunds"]] == [("5000.00", "COMPLETED")]
        assert tenant.get("/api/tenancies/").json()[0]["outstanding"] == "5000.00"


class TestSubscriptionRefund:
    @pytest.fixture
    def subscribed(self, owner: Caller, plan: PricingPlan, phonepe: PhonePe) -> OwnerSubscriptionPayment:
        body = {"pricing_plan_id": plan.pk, "period": "monthly"}
        started = owner.post("/api/owner-subscriptions/initiate-payment/", body)
        phonepe.pays(started)
        owner.get(f"/api/owner-subscriptions/verify-payment/{started.json()['merchant_order_id']}/")
        return OwnerSubscriptionPayment.objects.get(status="completed")

    def test_staff_give_it_back(self, operator: Caller, owner: Caller, subscribed: OwnerSubscriptionPayment) -> None:
        answer = operator.post(f"/api/owner-subscriptions/{subscribed.pk}/refund/", {"reason": "Wrong plan"})

        assert (answer.status_code, answer.json()["amount"]) == (202, "499.00")

    def test_its_owner_does_not(
        self, owner: Caller, tenant: Caller, subscribed: OwnerSubscriptionPayment, phonepe: PhonePe
    ) -> None:
        for caller in (owner, tenant):
            answer = caller.post(f"/api/owner-subscriptions/{subscribed.pk}/refund/", {"reason": "Wrong plan"})
            assert_problem(answer, 403, "permission_denied")
        assert not phonepe.simulator.calls_to("refund")

    @pytest.mark.parametrize("pk", ["0", "999999", "abc", "99999999999999999999"])
    def test_one_that_there_is_not_is_404(self, operator: Caller, pk: str) -> None:
        assert_problem(operator.post(f"/api/owner-subscriptions/{pk}/refund/", {"reason": "Wrong"}), 404)

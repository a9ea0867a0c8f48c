"""What operators see of AutoPay and of tax papers, in the admin and in Prometheus."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import (
    Alert,
    Invoice,
    Mandate,
    OperatorAction,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    User,
)
from phonepe_simulator import Fault
from tests.admin.desk import Desk, clerk, sentences, words
from tests.mandates.autopay import Autopay
from tests.mandates.steps import announced, at_the_end, soon
from tests.people import Caller
from tests.subscriptions import is_refunded
from tests.watching.conftest import scraped


@pytest.fixture
def desk(operator: Caller, quick_passwords: None) -> Desk:
    return Desk(operator.user)


class TestMandates:
    def test_its_page_has_its_facts_its_debits_and_its_story(self, desk: Desk, subscribed: Autopay) -> None:
        debit = announced(subscribed)

        page = desk.looks_at(subscribed.mandate)

        read = words(page)
        for said in (
            "ACTIVE", "₹748.50", subscribed.mandate.subscription_id, debit.merchant_order_id, "₹499.00",
            str(subscribed.subscription.owner), "the first period", "ACTIVATION_IN_PROGRESS",
        ):  # fmt: skip
            assert said in read, said
        for row in (subscribed.subscription, subscribed.subscription.owner, debit, subscribed.mandate.setup()):
            assert f"/{row._meta.model_name}/{row.pk}/change/" in page.content.decode()

    def test_the_id_of_whom_it_asked_is_not_shown(self, desk: Desk, autopay: Autopay) -> None:
        autopay.sets_up(upi_id="asha.private@ybl")

        assert "asha.private" not in desk.looks_at(autopay.mandate).content.decode()

    @pytest.mark.parametrize("by", ["merchant_subscription_id", "subscription_id", "owner", "order"])
    def test_it_is_found_by(self, desk: Desk, subscribed: Autopay, by: str) -> None:
        subscribed.works()
        subscribed.pass_by(hours=200)
        subscribed.works()
        mandate = subscribed.mandate
        names = {"owner": str(subscribed.subscription.owner), "order": mandate.setup().merchant_order_id}

        text = names.get(by) or getattr(mandate, by)

        assert text
        assert mandate.merchant_subscription_id in words(desk.looks_at(Mandate, q=text))
        assert mandate.merchant_subscription_id not in words(desk.looks_at(Mandate, q=f"{text}x"))

    def test_its_page_costs_the_same_with_many_debits(self, desk: Desk, subscribed: Autopay) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert desk.looks_at(subscribed.mandate).status_code == 200
            return len(queries)

        debit = announced(subscribed)
        statements()
        few = statements()
        for number in range(5):
            order, told = debit.transaction, debit.debit
            order.pk = debit.pk = told.pk = None
            order.merchant_order_id = debit.merchant_order_id = f"ZLT-{number}"
            order.save(force_insert=True)
            debit.transaction, debit.status = order, "failed"
            debit.save(force_insert=True)
            told.payment = debit
            told.save(force_insert=True)

        assert statements() == few

    def test_the_subscription_leads_to_it(self, desk: Desk, subscribed: Autopay) -> None:
        ways = OwnerSubscription.objects.get(), OwnerSubscriptionPayment.objects.get()

        for page in map(desk.looks_at, ways):
            assert f"/admin/core/mandate/{subscribed.mandate.pk}/change/" in page.content.decode()

    def test_so_does_the_owner(self, desk: Desk, subscribed: Autopay, stranger: Caller) -> None:
        owner = subscribed.subscription.owner
        way = f"owner_subscription__owner__id__exact={owner.pk}"

        assert f"/admin/core/mandate/?{way}" in desk.looks_at(owner).content.decode()
        assert subscribed.mandate.merchant_subscription_id in words(desk.browser.get(f"/admin/core/mandate/?{way}"))
        assert "0 AutoPay mandates" in words(desk.browser.get(f"/admin/core/mandate/?{way}0"))


class TestCancelling:
    """An owner phones and asks, or can do it no longer."""

    def test_it_is_cancelled_at_phonepe_with_a_trace(self, desk: Desk, subscribed: Autopay) -> None:
        page = desk.opens(subscribed.mandate, "cancel_mandate")
        assert f"AutoPay of {subscribed.subscription.owner} ends" in words(page)
        assert not subscribed.phonepe.simulator.calls_to("subscription_cancel"), "it only asks"

        told = sentences(desk.confirms(page, reason="The owner phoned"))

        mandate = subscribed.mandate
        assert told == [f"{mandate}: nothing is debited any more; PhonePe is asked until it has cancelled it."]
        assert not mandate.is_in_use
        assert len(subscribed.phonepe.simulator.calls_to("subscription_cancel")) == 1
        soon(subscribed)
        assert (subscribed.mandate.state, subscribed.subscription.status) == ("CANCELLED", "active")
        assert OperatorAction.objects.get().reason == "The owner phoned"
        read = words(desk.looks_at(mandate))
        assert "operator did “cancel mandate”: The owner phoned" in read
        assert "/do/cancel_mandate/" not in desk.looks_at(mandate).content.decode(), "there is nothing left to cancel"

    def test_what_is_announced_is_not_debited(self, desk: Desk, subscribed: Autopay) -> None:
        debit = announced(subscribed)

        desk.acts(subscribed.mandate, "cancel_mandate")
        at_the_end(subscribed)

        debit.refresh_from_db()
        assert debit.status == "cancelled"
        assert not subscribed.phonepe.simulator.calls_to("subscription_redeem")

    def test_a_debit_that_has_begun_is_named_before(self, desk: Desk, subscribed: Autopay) -> None:
        subscribed.phonepe.simulator.change_settings(debit_outcome="pending")
        debit = announced(subscribed)
        at_the_end(subscribed)

        page = desk.opens(subscribed.mandate, "cancel_mandate")

        assert f"₹499.00 may still come: debit {debit.merchant_order_id} has begun." in words(page)

    def test_while_phonepe_is_silent_it_is_cancelled_by_the_clock(self, desk: Desk, subscribed: Autopay) -> None:
        subscribed.phonepe.simulator.faults.add(Fault("timeout_before", "subscription_cancel", times=1))

        desk.acts(subscribed.mandate, "cancel_mandate")

        assert (subscribed.mandate.shown_state, subscribed.mandate.is_in_use) == ("CANCEL_IN_PROGRESS", False)
        subscribed.works_until(timezone.now() + timedelta(hours=1), every=timedelta(minutes=5))
        assert subscribed.mandate.state == "CANCELLED"

    def test_of_an_owner_who_is_deactivated_the_alert_ends(self, desk: Desk, subscribed: Autopay) -> None:
        User.objects.filter(pk=subscribed.user.pk).update(is_active=False)
        subscribed.go_to(subscribed.end - timedelta(days=3))
        subscribed.works()
        assert Alert.objects.get(resolved_at=None).kind == "debit_withheld"

        desk.acts(subscribed.mandate, "cancel_mandate")
        soon(subscribed)

        assert subscribed.mandate.state == "CANCELLED"
        assert not Alert.objects.filter(resolved_at=None)

    def test_one_that_nobody_has_approved_is_given_up(self, desk: Desk, autopay: Autopay) -> None:
        autopay.sets_up()

        desk.acts(autopay.mandate, "cancel_mandate")

        assert autopay.mandate.setup().status == "cancelled"
        again = desk.acts(autopay.mandate, "cancel_mandate")
        assert sentences(again)[-1].endswith("This mandate is CANCEL_IN_PROGRESS; there is nothing to cancel.")
        assert OperatorAction.objects.count() == 1


class TestPapers:
    def test_invoice_and_credit_note_lead_to_each_other_and_to_the_money(
        self, desk: Desk, subscribed: Autopay, operator: Caller, days: Any
    ) -> None:
        payment = subscribed.mandate.setup()
        is_refunded(payment, "100.00", operator, days)
        note, invoice = Invoice.objects.all()

        pages = {paper: desk.looks_at(paper) for paper in (note, invoice)}

        for paper, other in ((note, invoice), (invoice, note)):
            content = pages[paper].content.decode()
            assert f"/admin/core/invoice/{other.pk}/change/" in content
            assert f"/ownersubscriptionpayment/{payment.pk}/change/" in content
            assert f"/owner/{subscribed.subscription.owner_id}/change/" in content
        assert note.refund is not None
        assert f"/refund/{note.refund.pk}/change/" in pages[note].content.decode()
        for said in ("ZS/26-27/000001", "₹422.88", "₹38.06", "₹499.00", "Karnataka (29)"):
            assert said in words(pages[invoice]), said
        assert "ZC/26-27/000001" in words(desk.looks_at(Invoice, q="ZC/26-27/000001"))

    def test_the_paper_itself_is_for_who_may_see_it(self, desk: Desk, subscribed: Autopay) -> None:
        address = f"/admin/core/invoice/{Invoice.objects.get().pk}/pdf/"

        paper = desk.browser.get(address)

        assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
        assert clerk("view_invoice").browser.get(address).status_code == 200
        assert clerk("view_mandate").browser.get(address).status_code == 403
        assert desk.browser.get("/admin/core/invoice/999999/pdf/").status_code == 404
        desk.browser.logout()
        assert desk.browser.get(address).status_code == 302


class TestMetrics:
    def test_mandates_debits_and_papers_are_counted(
        self, subscribed: Autopay, django_capture_on_commit_callbacks: Any
    ) -> None:
        before = scraped()
        announced(subscribed)
        with django_capture_on_commit_callbacks(execute=True):
            at_the_end(subscribed)
        now = scraped()

        assert now['zelton_mandates{state="ACTIVE"}'] == 1
        for grown in ('zelton_debits_total{status="completed"}', 'zelton_papers_total{kind="tax_invoice"}'):
            assert now[grown] - before[grown] == 1, grown

    def test_a_clock_that_does_not_run_is_seen(self, subscribed: Autopay) -> None:
        assert scraped()["zelton_renewal_lateness_seconds"] < 1

        subscribed.go_to(subscribed.end - timedelta(days=3) + timedelta(minutes=20))

        assert scraped()["zelton_renewal_lateness_seconds"] >= 20 * 60

    def test_a_debit_without_a_last_word_is_seen(self, subscribed: Autopay) -> None:
        subscribed.phonepe.simulator.change_settings(debit_outcome="pending")
        announced(subscribed)
        end = subscribed.end
        assert scraped()["zelton_debit_overdue_seconds"] == 0

        at_the_end(subscribed)

        assert scraped()["zelton_debit_overdue_seconds"] == (timezone.now() - end).total_seconds()

    def test_one_that_is_announced_after_another_has_failed_is_not_overdue_before_its_day(
        self, subscribed: Autopay
    ) -> None:
        announced(subscribed)
        end = subscribed.end
        subscribed.phonepe.simulator.mandates.fail_debits(subscribed.mandate.merchant_subscription_id, times=10)
        at_the_end(subscribed)
        debits = OwnerSubscriptionPayment.objects.filter(renews_from=end)
        for hours in range(8, 145, 8):  # PhonePe's own tries end, and the debit is announced anew
            subscribed.go_to(end + timedelta(hours=hours))
            subscribed.works()
            if debits.count() == 2:
                break

        assert [debit.status for debit in debits.order_by("pk")] == ["failed", "pending"]
        assert scraped()["zelton_debit_overdue_seconds"] == 0

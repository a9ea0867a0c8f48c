"""What people are told: written with its cause, once, and sent by e-mail with the receipt."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from time_machine import Traveller

from core import tasks
from core.india import INDIA
from core.models import AlertKind, Notification, NotificationSwitch, Payment, PricingPlan, Refund, User
from core.services.operations.alerts import alert
from core.services.operations.delivery import deliver_due
from tests.people import Caller
from tests.phonepe import Days, PhonePe
from tests.subscriptions import ROOT, is_refunded, pays_a_period


@pytest.fixture(autouse=True)
def addresses(tenant: Caller, owner: Caller, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for caller, address in ((tenant, "ravi@example.org"), (owner, "asha@example.org")):
        User.objects.filter(pk=caller.user.pk).update(email=address)


def told(kind: str | None = None) -> list[tuple[str, str]]:
    rows = Notification.objects.exclude(kind="alert").order_by("pk")
    return list((rows.filter(kind=kind) if kind else rows).values_list("kind", "recipient"))


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=INDIA)


class TestPayments:
    def test_money_that_came_is_told_once_with_its_receipt(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(payment)
        phonepe.delivers()
        days.tick_for(25, also=lambda: tenant.verifies(payment.merchant_order_id))

        assert told() == [("payment_received", "ravi@example.org")]
        deliver_due()
        (letter,) = [each for each in mail.outbox if each.to == ["ravi@example.org"]]
        assert letter.subject == "Zelton: ₹15,000.00 received"
        assert "Rent for House of asha the owner" in str(letter.body)
        name, content, kind = letter.attachments[0]
        assert (name, kind) == (f"receipt-{payment.pk}.pdf", "application/pdf")
        assert bytes(content).startswith(b"%PDF")

    def test_an_order_that_ends_unpaid_is_told(self, payment: Payment, phonepe: PhonePe, days: Days) -> None:
        phonepe.fails(payment)
        phonepe.delivers()
        days.tick_for(25)

        assert told() == [("payment_failed", "ravi@example.org")]

    @pytest.mark.parametrize(("how", "kind"), [("success", "refund_done"), ("failure", "refund_failed")])
    def test_a_refund_is_told_by_its_end(
        self, owner: Caller, payment: Payment, phonepe: PhonePe, days: Days, how: str, kind: str
    ) -> None:
        phonepe.pays(payment)
        phonepe.delivers()
        days.tick_for(2)
        owner.post(f"/api/payments/{payment.pk}/refund/", {"reason": "Moved out", "amount": "100.00"})
        phonepe.simulator.conclude_refund(Refund.objects.get().merchant_refund_id, how)
        days.pass_by(60)
        phonepe.delivers()
        days.tick_for(2)

        assert told()[1:] == [(kind, "ravi@example.org")]

    def test_what_is_switched_off_is_not_told(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        NotificationSwitch.objects.create(user=tenant.user, kind="payment_received")
        phonepe.pays(payment)
        phonepe.delivers()
        days.tick_for(2)

        assert Payment.objects.get(pk=payment.pk).status == "completed"
        assert told() == []

    def test_who_has_no_address_is_in_the_log(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        User.objects.update(email="")
        phonepe.pays(payment)
        phonepe.delivers()
        days.tick_for(2)

        (row,) = Notification.objects.filter(kind="payment_received")
        assert row.channel == "log"
        deliver_due()
        assert Notification.objects.get(pk=row.pk).sent_at is not None

    def test_a_receipt_that_cannot_be_drawn_does_not_hold_the_mail_up(
        self, payment: Payment, phonepe: PhonePe, days: Days
    ) -> None:
        phonepe.pays(payment)
        phonepe.delivers()
        days.tick_for(2)
        Notification.objects.filter(kind="payment_received").update(data={"receipt": "payment:0"})
        mail.outbox.clear()
        Notification.objects.update(next_try_at=days.now(), sent_at=None)

        deliver_due()

        assert [each.attachments for each in mail.outbox] == [[]]


class TestSubscriptions:
    def test_the_life_of_one_that_is_not_renewed(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-01-31"))
        pays_a_period(owner, plan, phonepe)
        for day in ("2026-02-24", "2026-02-25", "2026-02-27", "2026-02-28", "2026-03-02", "2026-03-07", "2026-03-20"):
            traveller.move_to(noon(day))
            tasks.renew_subscriptions()
            tasks.renew_subscriptions()

        assert [kind for kind, _ in told()] == [
            "payment_received",
            "subscription_renews",
            "subscription_past_due",
            "subscription_expired",
        ]
        renews = Notification.objects.get(kind="subscription_renews")
        assert renews.created_at == noon("2026-02-25")
        assert "paid until 28 February 2026. The next period of the Starter plan costs ₹499.00." in renews.text

    def test_a_clock_that_comes_late_tells_only_how_it_ended(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, days: Days
    ) -> None:
        pays_a_period(owner, plan, phonepe)
        days.pass_by(60 * 24 * 3600)
        call_command("renew_subscriptions")

        assert [kind for kind, _ in told()] == ["payment_received", "subscription_expired"]

    def test_a_new_wish_is_told_anew(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, traveller: Traveller
    ) -> None:
        traveller.move_to(noon("2026-01-31"))
        pays_a_period(owner, plan, phonepe)
        nano = PricingPlan.objects.create(
            name="Nano", monthly_price_paise=199_00, yearly_price_paise=1_990_00, max_units=2
        )
        traveller.move_to(noon("2026-02-26"))
        tasks.renew_subscriptions()
        body = {"pricing_plan_id": nano.pk, "period": "monthly"}
        assert Caller(owner.user).post(f"{ROOT}/change-plan/", body).status_code == 200

        texts = Notification.objects.filter(kind="subscription_renews").order_by("pk").values_list("text", flat=True)
        assert ["₹499.00" in texts[0], "₹199.00" in texts[1]] == [True, True]

    def test_a_refund_tells_of_itself_alone(
        self, owner: Caller, plan: PricingPlan, phonepe: PhonePe, operator: Caller, days: Days
    ) -> None:
        is_refunded(pays_a_period(owner, plan, phonepe), None, operator, days)
        tasks.renew_subscriptions()

        assert [kind for kind, _ in told()] == ["payment_received", "refund_done"]


class TestRent:
    """April's rent is due on the 5th, and was charged on the 1st."""

    def reminds(self, traveller: Traveller, day: date) -> list[str]:
        traveller.move_to(noon(day.isoformat()))
        for _ in range(2):
            tasks.remind_of_rent()
        return [kind for kind, _ in told()]

    def test_three_days_before_and_once_it_is_overdue(self, traveller: Traveller) -> None:
        assert self.reminds(traveller, date(2026, 4, 1)) == []
        assert self.reminds(traveller, date(2026, 4, 2)) == ["rent_due"]
        assert self.reminds(traveller, date(2026, 4, 5)) == ["rent_due"]
        assert self.reminds(traveller, date(2026, 4, 6)) == ["rent_due", "rent_overdue"]
        assert "₹15,000.00 for April 2026 was due on 5 April 2026" in Notification.objects.latest("pk").text

    def test_what_is_paid_is_not_due(
        self, tenant: Caller, payment: Payment, phonepe: PhonePe, days: Days, traveller: Traveller
    ) -> None:
        phonepe.pays(payment)
        phonepe.delivers()
        days.tick_for(2)

        assert self.reminds(traveller, date(2026, 4, 12)) == ["payment_received"]

    def test_of_a_part_the_rest(self, tenant: Caller, phonepe: PhonePe, days: Days, traveller: Traveller) -> None:
        phonepe.pays(tenant.starts_rent("5000.00"))
        phonepe.delivers()
        days.tick_for(2)

        self.reminds(traveller, date(2026, 4, 12))
        assert "Rent of ₹10,000.00" in Notification.objects.get(kind="rent_overdue").text

    def test_long_ago_is_not_reminded_of(self, traveller: Traveller) -> None:
        assert self.reminds(traveller, date(2026, 4, 5) + timedelta(days=15)) == []


def test_what_is_told_at_one_moment_is_sent_in_the_order_in_which_it_was_written(settings: Any, days: Days) -> None:
    settings.ALERT_EMAIL_TO, names = ["ops@zelton.example"], ["first", "second", "third"]
    for name in names:
        alert(AlertKind.BOOKS, name, f"The {name}.", now=days.now())
    Notification.objects.order_by("pk")[0].save()  # PostgreSQL keeps it behind the others now

    deliver_due()

    assert [name for letter in mail.outbox for name in names if f"The {name}." in letter.body] == names

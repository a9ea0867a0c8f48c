"""Statements that are written once answer as the querysets they were made from do."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, F
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.db.prepared import (
    Param,
    Prepared,
    PreparedLook,
    PreparedUpdate,
    insert,
    insert_if_new,
    insert_linked,
    insert_together,
    update,
)
from core.models import (
    Alert,
    AlertKind,
    BillingPeriod,
    ChangeCause,
    Channel,
    NotificationKind,
    NotificationSwitch,
    Owner,
    OwnerSubscription,
    OwnerSubscriptionPayment,
    Payable,
    Payment,
    PaymentAttempt,
    PaymentStatus,
    PaymentTransaction,
    PhonePeCall,
    PricingPlan,
    Property,
    Purpose,
    StateChange,
    Tenancy,
    Tenant,
    User,
)
from core.services.payments.checkout import PaymentRequest, PaymentSlot
from core.services.rent.checkout import RentSlot
from core.services.subscriptions.checkout import Offer, SubscriptionSlot

pytestmark = pytest.mark.django_db


@pytest.fixture
def owners() -> list[Owner]:
    return [
        Owner.objects.create(user=User.objects.create(username=f"owner-{number}"), name=f"Owner {number}")
        for number in range(3)
    ]


@pytest.fixture
def order(db: None) -> PaymentTransaction:
    now = timezone.now()
    return PaymentTransaction.objects.create(
        merchant_order_id="ZLT-1",
        amount_paise=100,
        initiated_at=now,
        expire_at=now + timedelta(minutes=20),
        next_check_at=now,
    )


def test_instances_come_with_what_the_queryset_joins(owners: list[Owner]) -> None:
    one = Prepared(lambda: Owner.objects.select_related("user").filter(user=Param("user", BigIntegerField())))
    for owner in owners:
        with CaptureQueriesContext(connection) as statements:
            (found,) = one.rows(user=owner.user.pk)
            assert (found, found.user.username, found.name) == (owner, owner.user.username, owner.name)
        assert len(statements) == 1
    assert one.rows(user=0) == []


def test_values_come_as_python_writes_them_and_through_subqueries(owners: list[Owner]) -> None:
    now = timezone.now()
    Alert.objects.create(kind=AlertKind.SILENT, subject="a", sentence="b", raised_at=now)
    at = Prepared(
        lambda: Alert.objects.filter(raised_at__lte=Param("now", DateTimeField())).values_list("raised_at", "subject")
    )
    assert at.rows(now=now) == [(now, "a")]
    assert at.rows(now=now - timedelta(microseconds=1)) == []
    named = Owner.objects.filter(name=Param("name", CharField()))
    houses = Prepared(lambda: Property.objects.filter(owner__in=named.values("pk")).values_list("name", flat=True))
    Property.objects.create(owner=owners[1], name="Asha Niwas")
    assert houses.rows(name="Owner 1") == ["Asha Niwas"]
    assert houses.rows(name="Owner 2") == []


def test_a_lock_is_taken_as_the_queryset_would(owners: list[Owner]) -> None:
    locked = Prepared(lambda: Owner.objects.select_for_update().filter(pk=Param("pk", BigIntegerField())))
    with transaction.atomic(), CaptureQueriesContext(connection) as statements:
        assert locked.rows(pk=owners[0].pk) == [owners[0]]
    assert ("FOR UPDATE" in statements[0]["sql"]) == connection.features.has_select_for_update


def test_a_lock_outside_a_transaction_is_refused_at_every_use(transactional_db: None) -> None:
    locked = Prepared(lambda: Owner.objects.select_for_update().filter(pk=Param("pk", BigIntegerField())))
    with transaction.atomic():
        locked.rows(pk=1)
    for _ in range(2):
        with pytest.raises(TransactionManagementError):
            locked.rows(pk=1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Django looks at it where there are row locks")
@pytest.mark.parametrize("thing", ["rent", "subscription"])
def test_none_of_the_locks_is_taken_outside_a_transaction(
    transactional_db: None, thing: str, tenancy: Tenancy, plan: PricingPlan
) -> None:
    wanted = PaymentRequest(amount_paise=100, channel=Channel.REDIRECT)
    order = PaymentTransaction.objects.create(
        merchant_order_id="ZLT-1",
        amount_paise=100,
        initiated_at=timezone.now(),
        expire_at=timezone.now() + timedelta(minutes=20),
    )
    payable: Payable
    slots: list[PaymentSlot]
    if thing == "rent":
        payable = Payment.objects.create(tenancy=tenancy, transaction=order, merchant_order_id="ZLT-1")
        slots = [RentSlot(tenancy.tenant_id, named, wanted) for named in (tenancy.pk, None)]
    else:
        subscription = OwnerSubscription.objects.create(owner=tenancy.unit.property.owner)
        payable = OwnerSubscriptionPayment.objects.create(
            subscription=subscription, transaction=order, merchant_order_id="ZLT-1", plan=plan, period="monthly"
        )
        now = timezone.now()
        offer = Offer(plan, BillingPeriod.MONTHLY, Purpose.FIRST, 100, 0, now, now + timedelta(days=30))
        slots = [SubscriptionSlot(subscription, offer)]
    for lock in (payable.lock_payer, payable.locked, *(slot.lock_payer for slot in slots)):
        with transaction.atomic():
            lock()
        with pytest.raises(TransactionManagementError):
            lock()


def test_a_look_finds_the_kinds_of_which_there_are_rows(owners: list[Owner]) -> None:
    by_name = Owner.objects.filter(name=Param("name", CharField()))
    look = PreparedLook(lambda: {"named so": by_name, "owners": Owner.objects.all(), "tenants": Tenant.objects.all()})

    for name, found in (("Owner 1", {"named so", "owners"}), ("Nobody", {"owners"})):
        with CaptureQueriesContext(connection) as captured:
            assert look.found(name=name) == found
        assert len(captured) == 1


def test_an_update_changes_what_its_values_say(owners: list[Owner]) -> None:
    renamed = PreparedUpdate(
        lambda: Tenant.objects.filter(user=Param("user", BigIntegerField())),
        name=Param("name", CharField()),
        user_id=F("user_id"),
    )
    tenant = Tenant.objects.create(user=owners[0].user, name="before")
    assert renamed.run(user=owners[0].user.pk, name="after % this") == 1
    assert renamed.run(user=owners[1].user.pk, name="nobody") == 0
    tenant.refresh_from_db()
    assert tenant.name == "after % this"


class TestRows:
    """`insert` and `update` store and write what `save()` does."""

    def test_a_row_is_stored_with_every_value_and_gets_its_key(self, order: PaymentTransaction) -> None:
        change = StateChange(
            transaction=order,
            what="status",
            old="pending",
            new=PaymentStatus.COMPLETED,
            cause=ChangeCause.CLOCK,
            answer={"orderId": "OMO1", "paymentDetails": [None, 1.5]},
            at=timezone.now(),
        )
        insert(change)
        stored = StateChange.objects.get(pk=change.pk)
        for field in StateChange._meta.concrete_fields:
            assert getattr(stored, field.attname) == getattr(change, field.attname)
        assert not change._state.adding

    def test_all_of_a_row_is_written_and_its_time_of_writing_too(self, order: PaymentTransaction) -> None:
        written_at = order.updated_at
        order.next_check_at, order.payment_modes, order.utr = None, ["UPI_QR"], "5012"
        update(order)
        order.refresh_from_db()
        assert (order.next_check_at, order.payment_modes, order.utr) == (None, ["UPI_QR"], "5012")
        assert order.updated_at > written_at

    def test_of_a_row_only_what_is_named_is_written(self, order: PaymentTransaction) -> None:
        order.payment_modes, order.utr = ["UPI_QR"], "5012"
        update(order, "utr")
        order.refresh_from_db()
        assert (order.payment_modes, order.utr) == ([], "5012")

    def test_what_is_there_already_is_not_stored_again(self, db: None) -> None:
        off = partial(NotificationSwitch, user=User.objects.create(username="asha"), kind=NotificationKind.RENT_DUE)
        insert_if_new(off())
        insert_if_new(off())
        assert NotificationSwitch.objects.count() == 1

    def test_rows_are_stored_together_with_every_value(self, order: PaymentTransaction) -> None:
        said = partial(PaymentAttempt, order=order, state="PENDING", seen_at=timezone.now(), changed_at=timezone.now())
        whole = said(
            transaction_id="OM1", amount_paise=150, at=timezone.now(), instrument='{"a, b"}', reported_by="status"
        )
        bare = said(transaction_id="OM2", reported_by="webhook")
        insert_together([whole, bare])
        for made, stored in zip([whole, bare], PaymentAttempt.objects.order_by("transaction_id"), strict=True):
            for field in PaymentAttempt._meta.concrete_fields:
                assert field.primary_key or getattr(stored, field.attname) == getattr(made, field.attname)

    def test_rows_that_refer_to_each_other_are_stored_in_one_statement(self, db: None) -> None:
        user = User(username="asha")
        owner = Owner(user=user, name="Asha", phone="")
        house = Property(owner=owner, name="7 % House")
        with CaptureQueriesContext(connection) as statements:
            insert_linked(user, owner, house)
        stored = Property.objects.select_related("owner__user").get()
        for made, found in ((house, stored), (owner, stored.owner), (user, stored.owner.user)):
            assert (made.pk, made._state.adding) == (found.pk, False)
            for field in made._meta.concrete_fields:
                assert getattr(found, field.attname) == getattr(made, field.attname)
        assert len(statements) == (1 if connection.vendor == "postgresql" else 3)

    def test_of_rows_that_refer_to_each_other_all_are_stored_or_none(self, owners: list[Owner]) -> None:
        user = User(username="asha")
        again: Any = Owner(user=user, name=None)
        with pytest.raises(IntegrityError), transaction.atomic():
            insert_linked(user, again)
        assert not User.objects.filter(username="asha")

    def test_a_row_that_is_gone_is_not_written(self, order: PaymentTransaction) -> None:
        PaymentTransaction.objects.all().delete()
        with pytest.raises(ObjectDoesNotExist):
            update(order)

    def test_a_row_is_stored_together_with_what_else_is_written_or_not_at_all(self, order: PaymentTransaction) -> None:
        attach = PreparedUpdate(
            lambda: PaymentTransaction.objects.filter(pk=Param("pk", BigIntegerField())), utr=Param("utr", CharField())
        )
        call = partial(PhonePeCall, call="create_order", at=timezone.now(), milliseconds=1, outcome="answered")
        assert attach.run(storing=call(said="PENDING"), pk=order.pk, utr="5012") == 1
        order.refresh_from_db()
        assert order.utr == "5012"
        assert PhonePeCall.objects.get().said == "PENDING"

        nothing: Any = None
        with pytest.raises(IntegrityError), transaction.atomic():
            attach.run(storing=call(said=nothing), pk=order.pk, utr="no more")
        order.refresh_from_db()
        assert order.utr == "5012"
        assert PhonePeCall.objects.count() == 1

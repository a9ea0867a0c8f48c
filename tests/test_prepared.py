"""Statements that are written once answer as the querysets they were made from do."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import Alert, AlertKind, Owner, PaymentTransaction, Property, Tenant, User
from core.prepared import Param, Prepared, PreparedUpdate, insert

pytestmark = pytest.mark.django_db


@pytest.fixture
def owners() -> list[Owner]:
    return [
        Owner.objects.create(user=User.objects.create(username=f"owner-{number}"), name=f"Owner {number}")
        for number in range(3)
    ]


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


def test_a_row_is_stored_as_it_would_be_saved(owners: list[Owner]) -> None:
    now = timezone.now()
    order = PaymentTransaction(
        merchant_order_id="ZLT-1",
        amount_paise=100,
        payment_modes=["CARD"],
        initiated_at=now,
        expire_at=now + timedelta(minutes=20),
    )
    with CaptureQueriesContext(connection) as statements:
        insert(order)
    assert len(statements) == 1
    stored = PaymentTransaction.objects.get()
    assert (stored.pk, stored.payment_modes, stored.expire_at) == (order.pk, ["CARD"], order.expire_at)
    assert (stored.created_at, stored.updated_at) == (order.created_at, order.updated_at)
    order.utr = "changed"
    order.save()
    assert PaymentTransaction.objects.get().utr == "changed"
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(PaymentTransaction(merchant_order_id="ZLT-1", amount_paise=100, initiated_at=now, expire_at=now))


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

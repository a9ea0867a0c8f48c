"""Open orders in numbers, made without a call for each row."""

from datetime import date, timedelta

from core.models import Payment, PaymentTransaction, Property, Tenancy, Tenant, Unit, User
from core.services.phonepe_service import PhonePeService
from tests.clocks import START
from tests.people import make_owner
from tests.phonepe import PhonePe


def make_open_orders(many: int, phonepe: PhonePe) -> list[PaymentTransaction]:
    """Open orders of as many tenants, each on its way for another time."""
    house = Property.objects.create(owner=make_owner("harish"), name="House of many")
    people = User.objects.bulk_create(User(username=f"tenant{n}") for n in range(many))
    tenants = Tenant.objects.bulk_create(Tenant(user=user, name=user.username) for user in people)
    units = Unit.objects.bulk_create(Unit(property=house, name=f"Flat {n}") for n in range(many))
    tenancies = Tenancy.objects.bulk_create(
        Tenancy(tenant=tenant, unit=unit, starts_on=date(2026, 4, 1), monthly_rent_paise=15_000_00)
        for tenant, unit in zip(tenants, units, strict=True)
    )
    orders = [
        PaymentTransaction(
            merchant_order_id=f"ZLT-{n:05}",
            amount_paise=15_000_00,
            initiated_at=START - timedelta(seconds=n % 300),
            expire_at=START + timedelta(seconds=3600 - n % 300),
            next_check_at=START + timedelta(seconds=1 + n % 60),
        )
        for n in range(many)
    ]
    PaymentTransaction.objects.bulk_create(orders)
    Payment.objects.bulk_create(
        Payment(tenancy=tenancy, transaction=order, merchant_order_id=order.merchant_order_id)
        for tenancy, order in zip(tenancies, orders, strict=True)
    )
    for order in orders:
        PhonePeService().create_order(order)
    phonepe.reachable = False  # no webhook comes either
    return orders

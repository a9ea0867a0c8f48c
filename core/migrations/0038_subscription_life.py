"""Let a subscription live: its status, what is paid, what waits, and when it is looked at next."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.db.append_only import protect

STATUSES = [
    ("", "none yet"),
    ("active", "Active"),
    ("past_due", "Past Due"),
    ("cancelled", "Cancelled"),
    ("expired", "Expired"),
]
PERIODS = [("monthly", "Monthly"), ("yearly", "Yearly")]
EVENTS = [
    ("paid", "a period is paid"),
    ("ended", "the paid time ends and a renewal is owed"),
    ("grace_over", "the grace days end without a payment"),
    ("cancelled", "the paid time ends and the owner has cancelled"),
    ("refunded", "what was paid for the period goes back whole"),
]
PURPOSES = [
    ("first", "first period, or the first one after a gap"),
    ("renewal", "period that follows the paid time"),
    ("upgrade", "upgrade at once"),
]


def protect_changes(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    protect(schema_editor.connection)


def moment(**options: str) -> models.DateTimeField:
    return models.DateTimeField(blank=True, null=True, **options)


def word(choices: list[tuple[str, str]], length: int, **options: bool) -> models.CharField:
    return models.CharField(blank=True, choices=choices, db_default="", default="", max_length=length, **options)


def plan(**options: str) -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="core.pricingplan",
        **options,
    )


FIELDS = {
    "status": word(STATUSES, 16, editable=False),
    "plan": plan(),
    "period": word(PERIODS, 10),
    "current_period_start": moment(),
    "current_period_end": moment(),
    "paid_until": moment(help_text="The end of what is paid, later periods included."),
    "cancel_at_period_end": models.BooleanField(db_default=False, default=False),
    "next_plan": plan(help_text="What begins when the paid time ends; empty: the same again."),
    "next_period": word(PERIODS, 10),
    "announced_for": moment(help_text="The end of paid time whose renewal the owner was told of, with its price."),
    "renewal_price_paise": models.BigIntegerField(blank=True, null=True),
    "debit_until": moment(help_text="Until then an announced debit may still renew it, so that it is not past due."),
    "due_at": moment(help_text="When `renew_subscriptions` looks at it next."),
}


class Migration(migrations.Migration):
    dependencies = [("core", "0037_notification_of_password")]

    operations = [
        *(migrations.AddField("ownersubscription", name, field) for name, field in FIELDS.items()),
        migrations.AddField(
            "ownersubscriptionpayment",
            "purpose",
            models.CharField(choices=PURPOSES, db_default="first", default="first", max_length=10),
        ),
        migrations.AddField(
            "ownersubscriptionpayment",
            "credit_paise",
            models.BigIntegerField(
                db_default=0, default=0, help_text="What was left of the paid time and came off the price."
            ),
        ),
        migrations.AddField(
            "subscriptionperiod",
            "worth_paise",
            models.BigIntegerField(
                blank=True,
                null=True,
                help_text="The price of all of it, from its start to its full end; empty: what was paid.",
            ),
        ),
        migrations.CreateModel(
            "SubscriptionChange",
            [
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("old", models.CharField(blank=True, choices=STATUSES, max_length=16)),
                ("new", models.CharField(choices=STATUSES, max_length=16)),
                ("event", models.CharField(choices=EVENTS, max_length=16)),
                ("at", models.DateTimeField()),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="core.ownersubscription",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("event__in", [event for event, _ in EVENTS])),
                        name="subscription_event_known",
                    )
                ],
            },
        ),
        migrations.RunPython(protect_changes, migrations.RunPython.noop),
    ]

"""Know the alert about AutoPay of an owner whose account is deactivated; the database stays as it is."""

from django.db import migrations, models

KINDS = [
    ("mismatch", "another amount or order came than was asked for"),
    ("silent", "an expired order without a final word"),
    ("lost_by_phonepe", "PhonePe does not know an order it once took"),
    ("refund_failed", "a refund failed and waits for a person"),
    ("refund_approval", "a refund waits for a second person's approval"),
    ("dashboard_refund", "a refund was made at PhonePe, not here"),
    ("books", "the books do not agree with themselves"),
    ("contradiction", "PhonePe says otherwise than before"),
    ("unknown_webhook", "a webhook about nothing we know"),
    ("settlement", "PhonePe's settlement says otherwise than our books"),
    ("settlement_failed", "PhonePe could not pay a settlement out"),
    ("chargeback", "a payment was charged back"),
    ("dispute", "a payer disputes a payment"),
    ("dispute_lost", "a dispute was lost"),
    ("rent", "rent that is not charged before somebody confirms it"),
    ("unreadable_webhook", "a webhook that is not JSON"),
    ("phonepe_down", "PhonePe does not answer"),
    ("credentials_refused", "PhonePe does not accept our client id and secret"),
    ("webhooks_silent", "payments end and no webhook comes"),
    ("webhooks_refused", "webhooks come with a password that is not ours"),
    ("debit_withheld", "AutoPay debits nothing, because its owner's account is deactivated"),
]


class Migration(migrations.Migration):
    dependencies = [("core", "0051_surplus_raises_no_alert")]

    operations = [
        migrations.AlterField(
            model_name="alert", name="kind", field=models.CharField(choices=KINDS, max_length=32)
        ),
    ]

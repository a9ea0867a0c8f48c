"""Name the rights that Django does not have by itself. No table changes; help texts are kept in step."""

from django.db import migrations, models

INITIATED_AT = "When PhonePe was asked to do it; the schedule counts from here."


class Migration(migrations.Migration):
    dependencies = [("core", "0010_fill_subscription_anchor")]

    operations = [
        migrations.AlterModelOptions(
            name="alert", options={"permissions": [("resolve_alert", "Can resolve an alert")]}
        ),
        migrations.AlterModelOptions(
            name="ledgerline",
            options={"permissions": [("view_statement", "Can see anybody's statement of account")]},
        ),
        migrations.AlterModelOptions(
            name="ownersubscriptionpayment",
            options={
                "ordering": ["-created_at", "-pk"],
                "permissions": [("refund_ownersubscriptionpayment", "Can refund a subscription payment")],
            },
        ),
        migrations.AlterModelOptions(
            name="payment",
            options={
                "ordering": ["-created_at", "-pk"],
                "permissions": [("refund_payment", "Can refund a rent payment of any owner")],
            },
        ),
        migrations.AlterModelOptions(
            name="paymenttransaction",
            options={
                "permissions": [
                    ("ask_phonepe", "Can ask PhonePe now how an order or a refund stands"),
                    ("resolve_mismatch", "Can keep or send back what came with a mismatched order"),
                ],
                "verbose_name": "PhonePe order",
            },
        ),
        migrations.AlterField("paymenttransaction", "initiated_at", models.DateTimeField(help_text=INITIATED_AT)),
        migrations.AlterField("refund", "initiated_at", models.DateTimeField(help_text=INITIATED_AT)),
    ]

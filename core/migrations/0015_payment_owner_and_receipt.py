"""Keep with a payment to whom it was paid and what its receipt says. Empty for what the release before captures."""

import django.db.models.deletion
from django.db import migrations, models

RECEIPT = {
    "null": True,
    "blank": True,
    "editable": False,
    "help_text": "What its receipt says, as it was when the money was captured.",
}


class Migration(migrations.Migration):
    dependencies = [("core", "0014_webhook_unread")]

    operations = [
        migrations.AddField(model_name="payment", name="receipt", field=models.JSONField(**RECEIPT)),
        migrations.AddField(model_name="ownersubscriptionpayment", name="receipt", field=models.JSONField(**RECEIPT)),
        migrations.AddField(
            model_name="payment",
            name="owner",
            field=models.ForeignKey(
                null=True,
                blank=True,
                db_index=False,
                editable=False,
                help_text="To whom it was paid; empty until the money is captured.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="core.owner",
            ),
        ),
    ]

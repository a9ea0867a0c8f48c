"""Write PhonePe's ids and UTRs as people do; the database stays as it is."""

from django.db import migrations, models

IDS = (
    ("paymentattempt", "upi_transaction_id", "UPI transaction id", {"blank": True}),
    ("paymentattempt", "utr", "UTR", {"blank": True}),
    ("paymenttransaction", "phonepe_order_id", "PhonePe order id", {"blank": True, "db_index": True}),
    ("paymenttransaction", "utr", "UTR", {"blank": True}),
    ("settlement", "utr", "UTR", {"blank": True, "db_index": True}),
    ("settlementline", "phonepe_id", "PhonePe id", {"db_index": True}),
)


class Migration(migrations.Migration):
    dependencies = [("core", "0053_cancel_mandate")]

    operations = [
        migrations.AlterField(
            model_name=model,
            name=field,
            field=models.CharField(max_length=64, verbose_name=written, **options),
        )
        for model, field, written, options in IDS
    ]

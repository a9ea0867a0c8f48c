"""Find an order by its UTR without reading all of them."""

from django.db import migrations, models

from core.db.online_migrations import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0031_operator_groups")]

    operations = [
        AddIndex(
            model_name="paymenttransaction",
            index=models.Index(condition=models.Q(("utr", ""), _negated=True), fields=["utr"], name="order_by_utr"),
        ),
    ]

"""Note with a delivery whether it names an order or a refund of ours. What an older release stores is read as before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0026_refund_approval_constraints")]

    operations = [
        migrations.AddField(
            model_name="webhookevent",
            name="names_ours",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Its body seems to name an order or a refund of ours: read first.",
            ),
        ),
    ]

"""Find a mandate by PhonePe's id, and say of the UPI id that it is forgotten."""

from django.db import migrations, models

from core.db.online_migrations import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0044_papers_and_notices")]

    operations = [
        AddIndex(
            model_name="mandate",
            index=models.Index(fields=["phonepe_subscription_id"], name="mandate_at_phonepe"),
        ),
        migrations.AlterField(
            model_name="mandate",
            name="upi_id",
            field=models.CharField(blank=True, help_text="The UPI id that is asked; forgotten then.", max_length=255),
        ),
    ]

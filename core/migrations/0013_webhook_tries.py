"""Remember how often reading a webhook has failed, and when to try again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0012_entry_kinds")]

    operations = [
        migrations.AddField(
            model_name="webhookevent",
            name="tries",
            field=models.PositiveIntegerField(db_default=0, default=0, help_text="How often reading it has failed."),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="next_try_at",
            field=models.DateTimeField(blank=True, help_text="When it is read at the earliest; empty: now.", null=True),
        ),
        migrations.AlterField(
            model_name="paymenttransaction",
            name="initiated_at",
            field=models.DateTimeField(help_text="When PhonePe was asked to do it; the schedule counts from here."),
        ),
        migrations.AlterField(
            model_name="refund",
            name="initiated_at",
            field=models.DateTimeField(help_text="When PhonePe was asked to do it; the schedule counts from here."),
        ),
    ]

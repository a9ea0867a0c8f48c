"""Remember from which day an owner's periods are counted, and the end of a period before any refund."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0008_no_pattern_indexes")]

    operations = [
        migrations.AddField(
            model_name="ownersubscription",
            name="anchor",
            field=models.DateTimeField(
                blank=True,
                help_text="Periods end whole months after this moment, in India's calendar; empty before the first.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="subscriptionperiod",
            name="full_ends_at",
            field=models.DateTimeField(
                blank=True, help_text="The end that was paid for; a refund brings `ends_at` forward.", null=True
            ),
        ),
    ]

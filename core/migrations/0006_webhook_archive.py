"""Remember which file the body of a webhook was moved to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0005_balanced_entries")]

    operations = [
        migrations.AddField(
            model_name="webhookevent",
            name="archive",
            field=models.CharField(
                blank=True, db_default="", help_text="The file that its body goes to.", max_length=64
            ),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="archived_at",
            field=models.DateTimeField(
                blank=True, help_text="When its body was in that file, and left here.", null=True
            ),
        ),
    ]

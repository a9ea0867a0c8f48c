"""Let credit notes be asked for by their name; they stay among the papers."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0048_mandate_names")]

    operations = [
        migrations.CreateModel(
            name="CreditNote",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("core.invoice",),
        ),
    ]

"""Let operators see AutoPay mandates and tax papers, which came after their groups were made."""

from importlib import import_module

from django.db import migrations

groups = import_module("core.migrations.0031_operator_groups")


class Migration(migrations.Migration):
    dependencies = [("core", "0046_one_open_payment")]

    operations = [
        migrations.AlterModelOptions(name="mandate", options={"verbose_name": "AutoPay mandate"}),
        migrations.AlterModelOptions(
            name="invoice",
            options={
                "ordering": ["-issued_at", "-pk"],
                "verbose_name": "tax paper",
            },
        ),
        migrations.RunPython(groups.make_groups, migrations.RunPython.noop),
    ]

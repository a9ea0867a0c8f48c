"""Let `subscription_id` of a mandate be PhonePe's name for it, as `refund_id` of a refund is. The table stays as it is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0047_operators_see_autopay")]
    reviewed = {"SeparateDatabaseAndState": "no column is touched: only what Python calls them changes"}

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("mandate", "one_mandate_in_use_per_subscription"),
                migrations.RemoveIndex("mandate", "mandate_at_phonepe"),
                migrations.RenameField("mandate", "subscription", "owner_subscription"),
                migrations.AlterField(
                    "mandate",
                    "owner_subscription",
                    models.ForeignKey(
                        db_column="subscription_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates",
                        to="core.ownersubscription",
                    ),
                ),
                migrations.RenameField("mandate", "phonepe_subscription_id", "subscription_id"),
                migrations.AlterField(
                    "mandate",
                    "subscription_id",
                    models.CharField(
                        blank=True,
                        db_column="phonepe_subscription_id",
                        help_text="PhonePe's name for it.",
                        max_length=64,
                    ),
                ),
                migrations.AddConstraint(
                    "mandate",
                    models.UniqueConstraint(
                        fields=["owner_subscription"],
                        condition=models.Q(is_in_use=True),
                        name="one_mandate_in_use_per_subscription",
                    ),
                ),
                migrations.AddIndex("mandate", models.Index(fields=["subscription_id"], name="mandate_at_phonepe")),
            ]
        )
    ]

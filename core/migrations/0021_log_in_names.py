"""Find people by e-mail address and by phone number, however either is written."""

from django.db import migrations, models
from django.db.models.functions import Upper

from core.db.online_migrations import AddIndex

DIGITS = (
    "REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE("
    "%(expressions)s, ' ', ''), '-', ''), '.', ''), '(', ''), ')', ''), '/', ''), '+', '')"
)


def by_phone(name: str) -> models.Index:
    digits = models.Func(models.F("phone"), template=DIGITS, output_field=models.CharField())
    return models.Index(digits, name=name)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0020_entry_kind_reversal")]

    operations = [
        AddIndex(model_name="owner", index=by_phone("owner_by_phone")),
        AddIndex(model_name="tenant", index=by_phone("tenant_by_phone")),
        AddIndex(model_name="user", index=models.Index(Upper("email"), name="user_by_email")),
    ]

"""`python -m benchmarks.peers.hordak_posting`: entries a second by django-hordak, as its documentation posts them.

Prints the rate. `transfer_to` writes a transaction and two legs; the database checks at COMMIT that they balance.
"""

import os
import time

import dj_database_url
import django
from django.conf import settings

from benchmarks.threads import rate

settings.configure(
    DATABASES={"default": dict(dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60))},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    CURRENCIES=["INR"],
    DEFAULT_CURRENCY="INR",
    HORDAK_CURRENCIES=["INR"],
)


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    call_command("migrate", verbosity=0)
    opened = [
        Account.objects.get_or_create(name=name, code=code, type=kind, currencies=["INR"])[0]
        for name, code, kind in (("Clearing", "1", "AS"), ("Payable", "2", "LI"))
    ]
    clearing, payable = opened
    amount = Money("15000.00", "INR")

    def posted(description: str) -> None:
        with transaction.atomic():
            payable.transfer_to(clearing, amount, description=description)

    print(rate(posted, f"{time.time_ns():x}"))


if __name__ == "__main__":
    main()

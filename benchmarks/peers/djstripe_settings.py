"""dj-stripe as its documentation sets it up, with no middleware around it: a signed webhook is checked and stored.

What comes of an event is left to a callback, which the documentation recommends for a queue; it does nothing here.
"""

import os
from typing import Any

import dj_database_url

SECRET_KEY = "peer"  # noqa: S105 - guards nothing
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "benchmarks.peers.djstripe_urls"
MIDDLEWARE: list[str] = []
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "djstripe"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES = dict.fromkeys(("auth", "contenttypes", "djstripe"))  # djstripe's take minutes, to the same tables
USE_TZ = True
DATABASES = {"default": dict(dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60))}
STRIPE_TEST_SECRET_KEY = "sk_test_bench"  # noqa: S105 - nobody is asked with it
STRIPE_LIVE_MODE = False
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
LOGGING_CONFIG = None


def DJSTRIPE_WEBHOOK_EVENT_CALLBACK(_event: Any, **_key: Any) -> None:  # noqa: N802 - dj-stripe's name
    """Do nothing with an event that has been stored."""

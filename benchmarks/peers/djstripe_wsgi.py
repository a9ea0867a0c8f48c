"""The WSGI application that takes Stripe's webhooks."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.peers.djstripe_settings"

application = get_wsgi_application()

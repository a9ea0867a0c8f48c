"""`python -m benchmarks.peers.djstripe_endpoint BODY`: make dj-stripe's tables and an endpoint.

Prints the endpoint's path, and the signature of the body, which holds for five minutes.
"""

import hashlib
import hmac
import os
import sys
import time

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.peers.djstripe_settings"
SECRET = "whsec_bench"  # noqa: S105 - of a throw-away endpoint


def main(body: str) -> None:
    django.setup()
    from django.core.management import call_command
    from djstripe.models import WebhookEndpoint

    call_command("migrate", verbosity=0, skip_checks=True, run_syncdb=True)
    endpoint, _ = WebhookEndpoint.objects.get_or_create(
        id="we_bench",
        defaults={"secret": SECRET, "url": "http://127.0.0.1/", "enabled_events": ["*"], "livemode": False},
    )
    now = int(time.time())
    signature = hmac.new(SECRET.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    print(f"/stripe/webhook/{endpoint.djstripe_uuid}/", f"t={now},v1={signature}")


if __name__ == "__main__":
    main(sys.argv[1])

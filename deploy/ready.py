"""Exit 0 if this machine's web process is ready, else 1 with its answer: the health check of a container.

It asks under the first name that the server answers to, because DJANGO_ALLOWED_HOSTS rarely has 127.0.0.1 in it.
"""

import os
import sys
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

URL = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz"
SECONDS = 4


def main() -> int:
    name = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
    try:
        with build_opener(ProxyHandler({})).open(Request(URL, headers={"Host": name}), timeout=SECONDS):
            return 0
    except HTTPError as refusal:
        sys.stderr.write(f"{refusal.code} {refusal.read(500).decode(errors='replace')}\n")
    except OSError as problem:
        sys.stderr.write(f"{problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())

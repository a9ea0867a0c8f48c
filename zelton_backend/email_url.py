"""Read EMAIL_URL: how mail leaves, in the spelling that DATABASE_URL has."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES = "console:, smtp://user:password@host:port, smtps://… or file:///folder"
BACKENDS = "django.core.mail.backends"
SUBMISSION = 587  # the port on which a server expects STARTTLS before a password
TIMEOUT = 10  # seconds


def read_email_url(url: str) -> dict[str, Any]:
    """Return Django's settings for mail.

    :raises ImproperlyConfigured: if it says nothing that can be done
    """
    parts = urlsplit(url)
    settings: dict[str, Any] = {"EMAIL_TIMEOUT": TIMEOUT, "EMAIL_HOST": ""}
    if parts.scheme == "console":
        return {**settings, "EMAIL_BACKEND": "zelton_backend.console_mail.EmailBackend"}
    if parts.scheme == "file" and parts.path not in ("", "/"):
        return {
            **settings,
            "EMAIL_BACKEND": f"{BACKENDS}.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(f"EMAIL_URL must be {SCHEMES}.")
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    return {
        **settings,
        "EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and port == SUBMISSION,
    }

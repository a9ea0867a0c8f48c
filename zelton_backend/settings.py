"""Settings, all from the environment; .env.example explains every variable."""

import os
import re
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from celery.schedules import crontab

from zelton_backend.environment import Environment, refuse_in_production
from zelton_backend.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment.load(Path(os.environ.get("ZELTON_ENV_FILE") or BASE_DIR / ".env"))

# --- PhonePe ---------------------------------------------------------------------------------

PHONEPE_ENVIRONMENT = env.choice("PHONEPE_ENVIRONMENT", ("SANDBOX", "PRODUCTION"))
PRODUCTION = PHONEPE_ENVIRONMENT == "PRODUCTION"
PHONEPE_CLIENT_ID = env.text("PHONEPE_CLIENT_ID")
PHONEPE_CLIENT_SECRET = env.text("PHONEPE_CLIENT_SECRET")
PHONEPE_CLIENT_VERSION = env.number("PHONEPE_CLIENT_VERSION", least=1, most=1_000_000)
PHONEPE_BASE_URL = env.url("PHONEPE_BASE_URL", "")
PHONEPE_ORDER_EXPIRE_AFTER = env.number("PHONEPE_ORDER_EXPIRE_AFTER", 1200, least=300, most=3600)
PHONEPE_TIMEOUT = env.number("PHONEPE_TIMEOUT", 8, least=1, most=60)
PHONEPE_MAX_CALLS = env.number("PHONEPE_MAX_CALLS", 10, least=1, most=1000)
PHONEPE_CALLS_PER_SECOND = env.number("PHONEPE_CALLS_PER_SECOND", 1000, least=1, most=1_000_000)
PHONEPE_CALL_SHARES = env.number("PHONEPE_CALL_SHARES", 1, least=1, most=1000)
PHONEPE_REDIRECT_BASE_URL = (
    env.url("PHONEPE_REDIRECT_BASE_URL", schemes=("https",))
    if PRODUCTION
    else env.url("PHONEPE_REDIRECT_BASE_URL", "http://127.0.0.1:8000")
)


def webhook_credentials(prefix: str) -> list[str]:
    """Return `username:password` of one pair of variables, or nothing when both are unset."""
    username, password = env.text(f"{prefix}_USERNAME", ""), env.text(f"{prefix}_PASSWORD", "")
    if bool(username) != bool(password):
        missing = "PASSWORD" if username else "USERNAME"
        raise env.missing(f"{prefix}_{missing}", "its other half is set")
    # PhonePe's own rules for the two, see "Webhooks" in its documentation.
    good = re.fullmatch(r"\w{5,20}", username, re.ASCII) and re.fullmatch(r"(?=.*[A-Za-z])(?=.*\d).{8,20}", password)
    refuse_in_production(
        wrong=PRODUCTION and bool(username) and not good,
        sentence=f"{prefix}_USERNAME must be 5 to 20 letters, digits or underscores and {prefix}_PASSWORD "
        "8 to 20 characters with letters and digits.",
    )
    return [f"{username}:{password}"] if username else []


PHONEPE_WEBHOOK_CREDENTIALS = webhook_credentials("PHONEPE_WEBHOOK") + webhook_credentials("PHONEPE_WEBHOOK_PREVIOUS")

# How long bodies stay in the database, and the folder that `apply_retention` then moves them to.
WEBHOOK_KEPT_DAYS = env.number("WEBHOOK_KEPT_DAYS", 90, least=1, most=3650)
WEBHOOK_ARCHIVE = env.text("WEBHOOK_ARCHIVE", "")

# --- Django ----------------------------------------------------------------------------------

DEBUG = env.flag("DJANGO_DEBUG", default=False)
SECRET_KEY = env.text("DJANGO_SECRET_KEY")
ALLOWED_HOSTS = env.names("DJANGO_ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("DJANGO_CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.number("DJANGO_TRUSTED_PROXIES", 0, least=0, most=10)
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
APP_URL = env.text("APP_URL", "zelton://payments")

if PRODUCTION:
    refuse_in_production(
        wrong=bool(PHONEPE_BASE_URL),
        sentence="PHONEPE_BASE_URL must be unset in PRODUCTION, so that payments reach PhonePe.",
    )
    refuse_in_production(wrong=DEBUG, sentence="DJANGO_DEBUG must be false in PRODUCTION.")
    refuse_in_production(
        wrong=len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("example-"),
        sentence="DJANGO_SECRET_KEY must be at least 50 random characters in PRODUCTION.",
    )
    refuse_in_production(
        wrong=not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS,
        sentence="DJANGO_ALLOWED_HOSTS must name this server's hosts in PRODUCTION.",
    )
    refuse_in_production(
        wrong=len(PHONEPE_CLIENT_SECRET) < 16,
        sentence="PHONEPE_CLIENT_SECRET is too short to be PhonePe's production secret.",
    )
    refuse_in_production(
        wrong=not PHONEPE_WEBHOOK_CREDENTIALS,
        sentence="PHONEPE_WEBHOOK_USERNAME and PHONEPE_WEBHOOK_PASSWORD must be set in PRODUCTION, "
        "or every webhook is refused.",
    )

INSTALLED_APPS = [
    "core",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.RequestLog",
    "core.middleware.PhonePeDoor",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "zelton_backend.urls"
WSGI_APPLICATION = "zelton_backend.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_USER_MODEL = "core.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en-in"
TIME_ZONE = "UTC"  # days are counted in core.india
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
warnings.filterwarnings("ignore", "No directory at", UserWarning)  # STATIC_ROOT is made by collectstatic, if ever
WHITENOISE_USE_FINDERS = True  # serves the admin and the API page without a collectstatic before the first start
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False  # a redirected POST would lose its body
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Database, cache, broker -----------------------------------------------------------------


POSTGRESQL_LIMITS = "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"


def read_database(url: str) -> dict[str, Any]:
    """Return Django's settings for a database URL, with what makes each engine safe for money."""
    database: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # select_for_update does nothing on SQLite: one writer at a time takes the row lock's place.
        options.update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
        )
    elif database["ENGINE"] == "django.db.backends.postgresql":
        # What the URL says comes last and wins. A stuck lock or a forgotten transaction ends by itself.
        options["options"] = f"{POSTGRESQL_LIMITS} {options.get('options', '')}".strip()
        options.setdefault("connect_timeout", 5)
        # A machine that vanished without a word is noticed: in seconds, and the last one in milliseconds.
        for name, value in (("keepalives_idle", 10), ("keepalives_interval", 5), ("keepalives_count", 3)):
            options.setdefault(name, value)
        options.setdefault("tcp_user_timeout", 30_000)
        # A statement is planned once for a connection and not each time: planning took half of PostgreSQL's time.
        options.setdefault("server_side_binding", True)
        options.setdefault("prepare_threshold", 3)
    return database


DATABASES = {"default": env.checked("DATABASE_URL", read_database, f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
REDIS_URL = env.url("REDIS_URL", "", schemes=("redis", "rediss", "unix"))
# Of this process alone: what processes must know of each other is in the database, or counted in Redis.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}}

HEARTBEAT_FILE = env.text("HEARTBEAT_FILE", "")
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "unacked_restore_interval": 10,
    # A Redis that went away without a word must not keep beat waiting for ever, or a worker for long.
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "health_check_interval": 5,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_POOL = "threads"  # prefork hangs on SIGTERM with a backlog, and PhonePe's SDK must not be forked
CELERY_WORKER_CONCURRENCY = PHONEPE_MAX_CALLS
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Kolkata"
CELERY_BEAT_SCHEDULE = {
    # A tick that waited is worthless: the next one does its work.
    "tick": {"task": "core.tasks.tick", "schedule": timedelta(seconds=1), "options": {"expires": 3}},
    "raise-rent": {"task": "core.tasks.raise_rent", "schedule": crontab(hour="0", minute="5")},
    "check-books": {"task": "core.tasks.check_books", "schedule": crontab(hour="2", minute="30")},
    "forget-idempotency-keys": {"task": "core.tasks.forget_idempotency_keys", "schedule": crontab(minute="15")},
    "forget-log-ins": {"task": "core.tasks.forget_log_ins", "schedule": crontab(minute="45")},
    "archive-webhooks": {"task": "core.tasks.archive_webhooks", "schedule": crontab(hour="3", minute="30")},
}

# --- API -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.views.authentication.ApiToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["core.views.parsers.ExactJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["core.views.throttles.EveryoneThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": "600/min",
        "anonymous": "120/min",
        "login": "60/min",
        "login_name": "10/min",
        "admin_login": "20/min",
        "callback": "60/min",
        "return": "120/min",
    },
    "EXCEPTION_HANDLER": "core.views.problems.problem_handler",
    "NUM_PROXIES": TRUSTED_PROXIES,
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "TOKEN_LIMIT_PER_USER": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Zelton",
    "DESCRIPTION": "Rent and subscription payments through PhonePe. Amounts are decimal strings of rupees.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.views.schema.tell_of_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "PaymentStatus": "core.models.purposes.Status",
        "OrderState": "core.models.orders.OrderState",
        "RefundState": "core.models.refunds.RefundState",
    },
}

# --- Browser security ------------------------------------------------------------------------

# PhonePe may refuse a payer whose browser hides the referrer, see "Referrer policy" in its documentation.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = logging_config(env.choice("DJANGO_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"))

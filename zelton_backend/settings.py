"""Settings, all from the environment; .env.example explains every variable."""

import os
import re
import warnings
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from zelton_backend.database import read_database
from zelton_backend.email_url import read_email_url
from zelton_backend.environment import Environment, refuse_in_production
from zelton_backend.logs import LogFiles, logging_config

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
# Both of the lists that PhonePe publishes, see docs/phonepe-addresses.md.
PUBLISHED_BY_PHONEPE = (
    "103.116.32.16/29",
    "103.116.32.24/30",
    "103.116.32.28/31",
    "103.116.33.8/30",
    "103.116.33.136/30",
    "103.116.34.1/32",
    "103.116.34.16/29",
    "103.243.35.242/32",
)
PHONEPE_WEBHOOK_ADDRESSES = env.networks("PHONEPE_WEBHOOK_ADDRESSES", {"published": PUBLISHED_BY_PHONEPE})

REFUND_APPROVAL_ABOVE = env.rupees("REFUND_APPROVAL_ABOVE")

# How long bodies stay in the database, and the folder that `apply_retention` then moves them to.
WEBHOOK_KEPT_DAYS = env.number("WEBHOOK_KEPT_DAYS", 90, least=1, most=3650)
# Who issues invoices, as they say it; outside of PRODUCTION somebody who does not exist.
_sample = (
    dict.fromkeys(("NAME", "ADDRESS", "STATE", "GSTIN"), "")
    if PRODUCTION
    else {
        "NAME": "Zelton Sandbox Private Limited",
        "ADDRESS": "1 Sample Road, Bengaluru 560001",
        "STATE": "29",
        "GSTIN": "29AAACZ0000A1Z5",
    }
)
INVOICE_SELLER_NAME = env.text("INVOICE_SELLER_NAME", _sample["NAME"] or "Zelton")
INVOICE_SELLER_ADDRESS = env.text("INVOICE_SELLER_ADDRESS", _sample["ADDRESS"])
INVOICE_SELLER_STATE = env.text("INVOICE_SELLER_STATE", _sample["STATE"])
INVOICE_SELLER_GSTIN = env.text("INVOICE_SELLER_GSTIN", _sample["GSTIN"])
INVOICE_PREFIX = env.text("INVOICE_PREFIX", "ZS")
INVOICE_SAC = env.text("INVOICE_SAC", "997331")

# Days after the end of the paid time in which a payment still continues a subscription.
AUTOPAY_RETRIES = env.choice("AUTOPAY_RETRIES", ("standard", "custom"), "standard")
SUBSCRIPTION_GRACE_DAYS = env.number("SUBSCRIPTION_GRACE_DAYS", 7, least=0, most=90)
# What PhonePe may keep of a payment before tax, in percent; a mode that is not named is not checked.
PHONEPE_AGREED_FEES = env.percentages("PHONEPE_AGREED_FEES", ("UPI", "CARD", "NET_BANKING"))
PHONEPE_CALLS_KEPT_DAYS = env.number("PHONEPE_CALLS_KEPT_DAYS", 400, least=1, most=3650)
WEBHOOK_ARCHIVE = env.text("WEBHOOK_ARCHIVE", "")

# --- Django ----------------------------------------------------------------------------------

DEBUG = env.flag("DJANGO_DEBUG", default=False)
SECRET_KEY = env.text("DJANGO_SECRET_KEY")
ALLOWED_HOSTS = env.names("DJANGO_ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("DJANGO_CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = env.origins("DJANGO_CORS_ALLOWED_ORIGINS", ("https",) if PRODUCTION else ("http", "https"))
TRUSTED_PROXIES = env.number("DJANGO_TRUSTED_PROXIES", 0, least=0, most=10)
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
APP_URL = env.text("APP_URL", "zelton://payments")
APP_PASSWORD_URL = env.text("APP_PASSWORD_URL", "zelton://password")

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
    "zelton_backend.simulation",
    "zelton_backend.sign_off",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "core.apps.OperatorsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "core.browser_rules.BrowserRules",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.RequestLog",
    "core.middleware.NothingIsKept",
    "core.middleware.PhonePeDoor",
    "corsheaders.middleware.CorsMiddleware",
    "core.views.payers_door.PayersDoor",
    "core.middleware.NoNul",
    "core.middleware.AdminInIndia",
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
LOGIN_REDIRECT_URL = "admin:index"  # for who opens the form itself
AUTHENTICATION_BACKENDS = ["core.views.authentication.AnyName"]
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
TIME_ZONE = "UTC"  # days are counted in core.india; the admin is in India's time, see core.middleware
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "zelton_backend.formats"
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

DATABASE_POOLER = env.flag("DATABASE_POOLER", default=False)
_read_database = partial(read_database, pooler=DATABASE_POOLER)
DATABASES = {"default": env.checked("DATABASE_URL", _read_database, f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
if env.text("DATABASE_REPLICA_URL", ""):
    DATABASES["replica"] = env.checked("DATABASE_REPLICA_URL", _read_database, "")
    DATABASE_ROUTERS = ["core.db.replica.Router"]
    if {database["ENGINE"] for database in DATABASES.values()} != {"django.db.backends.postgresql"}:
        raise ImproperlyConfigured("DATABASE_REPLICA_URL is set, so both it and DATABASE_URL must lead to PostgreSQL.")
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
    "remind-of-rent": {"task": "core.tasks.remind_of_rent", "schedule": crontab(hour="9", minute="0")},
    "renew-subscriptions": {
        "task": "core.tasks.renew_subscriptions",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 55},
    },
    "compare-settlements": {"task": "core.tasks.compare_settlements", "schedule": crontab(minute="20")},
    "check-books": {"task": "core.tasks.check_books", "schedule": crontab(hour="2", minute="30")},
    "check-all-books": {
        "task": "core.tasks.check_all_books",
        "schedule": crontab(day_of_week="sunday", hour="3", minute="30"),
    },
    "forget-idempotency-keys": {"task": "core.tasks.forget_idempotency_keys", "schedule": crontab(minute="15")},
    "forget-log-ins": {"task": "core.tasks.forget_log_ins", "schedule": crontab(minute="45")},
    "forget-messages": {"task": "core.tasks.forget_messages", "schedule": crontab(hour="3", minute="50")},
    "forget-calls": {"task": "core.tasks.forget_calls", "schedule": crontab(hour="3", minute="45")},
    "archive-webhooks": {"task": "core.tasks.archive_webhooks", "schedule": crontab(hour="3", minute="30")},
}

# --- API -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.views.authentication.ApiToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["core.views.parsers.ExactJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": "core.views.metadata.NoFields",
    "DEFAULT_SCHEMA_CLASS": "core.views.schema.Operation",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["core.views.throttles.EveryoneThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": "600/min",
        "anonymous": "120/min",
        "login": "60/min",
        "password_reset": "5/hour",
        "invitation": "5/hour",
        "callback": "60/min",
        "return": "120/min",
    },
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is for the addresses that tell of it
    "EXCEPTION_HANDLER": "core.views.problems.problem_handler",
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "TOKEN_LIMIT_PER_USER": None}
API_TOKENS_PER_PERSON = env.number("API_TOKENS_PER_PERSON", 10, least=1, most=1000)
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
        "core.views.examples.show_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "PaymentStatus": "core.models.payables.PaymentStatus",
        "OrderState": "core.models.orders.OrderState",
        "MandateState": "core.models.mandates.MandateState",
        "RefundState": "core.models.refunds.RefundState",
        "Role": "core.models.people.Role",
        "RoleOfParty": ["tenant", "owner"],
    },
}

# --- Admin -----------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Zelton",
    "SITE_HEADER": "Zelton",
    "SITE_SUBHEADER": "Operators",
    "SITE_SYMBOL": "currency_rupee",
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "core.admin.theme.environment",
    "ENVIRONMENT_TITLE_PREFIX": "core.admin.theme.title_prefix",
    "STYLES": ["core.admin.theme.stylesheet"],
    "DASHBOARD_CALLBACK": "core.admin.dashboard.context",
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": "core.admin.theme.sections"},
}

# --- Browser security ------------------------------------------------------------------------

# PhonePe may refuse a payer whose browser hides the referrer, see "Referrer policy" in its documentation.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# What the web build of the app may do from its own origin: the API alone, with a token, never with cookies.
CORS_URLS_REGEX = r"^/api/(?!webhooks/|docs/)"
CORS_ALLOW_METHODS = ("GET", "POST", "PATCH", "DELETE")
CORS_ALLOW_HEADERS = ("authorization", "content-type", "idempotency-key")
CORS_EXPOSE_HEADERS = ("Content-Disposition", "Date", "Retry-After", "X-Request-Id")
CORS_PREFLIGHT_MAX_AGE = 7200  # seconds; browsers keep it no longer
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

# --- Metrics ---------------------------------------------------------------------------------

# Where all processes of a machine count together: in memory where there is such a folder, for what is mapped there
# must not meet a full disk. Another release, and another user, count for themselves.
_in_memory = Path("/dev/shm")  # noqa: S108 # nosec B108 # the folder is made for its owner alone
_here = f"zelton-metrics-{os.getuid()}-{sha256(str(BASE_DIR).encode()).hexdigest()[:8]}"
_folder = (_in_memory if os.access(_in_memory, os.W_OK) else Path(gettempdir())) / _here
PROMETHEUS_MULTIPROC_DIR = env.text("PROMETHEUS_MULTIPROC_DIR", str(_folder))  # none: every process for itself

# --- Messages --------------------------------------------------------------------------------

# Django's own settings: EMAIL_BACKEND, EMAIL_HOST …
globals().update(env.checked("EMAIL_URL", read_email_url, "console:"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "Zelton <zelton@localhost>")
ALERT_EMAIL_TO = env.names("ALERT_EMAIL_TO")
ALERT_WEBHOOK_URL = env.text("ALERT_WEBHOOK_URL", "")  # whatever is wrong with it must hold up no payment

# --- Logs ------------------------------------------------------------------------------------

LOG_DIR = env.folder("LOG_DIR", BASE_DIR / "logs")
LOG_MAX_BYTES = env.number("LOG_MAX_BYTES", 20_000_000, least=1_000, most=10_000_000_000)
LOG_BACKUPS = env.number("LOG_BACKUPS", 5, least=1, most=1000)
LOGGING = logging_config(
    env.choice("DJANGO_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
    LogFiles(LOG_DIR, LOG_MAX_BYTES, LOG_BACKUPS) if LOG_DIR else None,
)

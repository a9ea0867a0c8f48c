"""Bare Django: no middleware, one database. Only what its two views need."""

import os

import dj_database_url

SECRET_KEY = "bare"  # noqa: S105 - guards nothing
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "benchmarks.bare.urls"
MIDDLEWARE: list[str] = []
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "core",
    "rest_framework",
    "knox",
]
AUTH_USER_MODEL = "core.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DATABASES = {"default": dict(dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600))}
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["knox.auth.TokenAuthentication"]}
PROMETHEUS_MULTIPROC_DIR = "none"  # gunicorn.conf.py imports the metrics
LOGGING_CONFIG = None

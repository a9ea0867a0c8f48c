"""Celery: beat says when to look, workers look. What to look at is in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zelton_backend.settings")

app = Celery("zelton_backend")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

"""Prints how many threads a worker has."""

from zelton_backend.settings import CELERY_WORKER_CONCURRENCY

print(CELERY_WORKER_CONCURRENCY)

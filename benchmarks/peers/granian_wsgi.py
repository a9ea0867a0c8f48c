"""The product's application as granian's workers load it, prepared by gunicorn's own configuration: both are alike."""

from runpy import run_path

from zelton_backend.local_stack.surroundings import HOME
from zelton_backend.wsgi import application

run_path(str(HOME / "gunicorn.conf.py"))["post_worker_init"](None)

__all__ = ["application"]

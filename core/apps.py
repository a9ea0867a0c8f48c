from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.backends.signals import connection_created

from core.db.connection import drop_what_is_outdated, full


def _attachments_of(notification: Any) -> list[tuple[str, bytes]]:
    from core.services.documents.attached import attachments_of  # what draws is loaded by who sends

    return attachments_of(notification)


def _note_full_database(**_signal: Any) -> None:
    from core.services.operations.metrics import DATABASE_FULL  # makes its series once it is known who counts

    DATABASE_FULL.set_to_current_time()


class CoreConfig(AppConfig):
    name = "core"
    default = True
    verbose_name = "Zelton"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core.db import pooler  # noqa: F401 - registers its check
        from core.services.operations.delivery import attach_with

        attach_with(_attachments_of)
        full.connect(_note_full_database)
        connection_created.connect(drop_what_is_outdated)


class OperatorsAdminConfig(admin_apps.AdminConfig):
    """Django's admin, on our site."""

    default = False
    default_site = "core.operator_site.OperatorSite"

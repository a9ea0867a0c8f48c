from django.apps import AppConfig
from django.db.backends.signals import connection_created

from core.connection import keep_no_outdated_plans


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Zelton"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        connection_created.connect(keep_no_outdated_plans)

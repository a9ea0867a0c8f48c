"""Logs: one JSON line an event, with nothing in it that could move money or name a payer."""

import json
import logging
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from zelton_backend.masking import masked

# What tells of calls to PhonePe, webhooks, moves and refunds: its lines are in phonepe.log as well.
ABOUT_PHONEPE = (
    "core.models.mandates",
    "core.models.subscriptions",
    "core.services.mandates",
    "core.services.moves",
    "core.services.operations.alerts",
    "core.services.payments",
    "core.services.phonepe",
    "core.services.phonepe_service",
    "core.services.refunds",
    "core.services.settlements",
    "core.services.webhooks",
    "core.views.webhooks",
)
OUR_OWN = {"timestamp", "level"}  # SHARED sets them last, so nothing else stands in them


def mask_secrets(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Mask secrets and personal data in every field of a log event, whoever wrote it."""
    return {name: value if name in OUR_OWN else masked(value, name) for name, value in event.items()}


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Where log files are, and how long they become: `django.log` holds everything, `phonepe.log` what is of money."""

    folder: Path
    max_bytes: int
    backups: int

    def handler(self, name: str) -> dict[str, Any]:
        return {
            "class": "zelton_backend.log_files.SharedFileHandler",
            "filename": str(self.folder / name),
            "max_bytes": self.max_bytes,
            "backups": self.backups,
            **HANDLER,
        }


class Line(str):
    """An event of ours, ready to be written: rendered before it became a record, which is half of the work."""

    __slots__ = ()


class OneLine(structlog.stdlib.ProcessorFormatter):
    """Renders a record once, however many handlers write it."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, Line):
            return record.msg
        line: str | None = record.__dict__.get("zelton_line")
        if line is None:
            line = record.__dict__["zelton_line"] = super().format(record)
        return line


class WithoutSdkChatter(logging.Filter):
    """The SDK logs to the root logger; its debug and info lines say nothing that ours do not."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or "/phonepe/sdk/" not in record.pathname


class MaskedStderr(logging.StreamHandler[Any]):
    """Writes to stderr. Of a line that cannot be written, Python itself would print the arguments, unmasked."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        kind = sys.exc_info()[0]
        said = {"event": "log_line_not_written", "logger": record.name, "level": "error"}
        with suppress(OSError, ValueError):  # there may be no stream any more
            self.stream.write(json.dumps({**said, "problem": kind.__name__ if kind else ""}) + self.terminator)
            self.flush()


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


RENDERING: list[structlog.typing.Processor] = [
    structlog.processors.format_exc_info,
    mask_secrets,
    structlog.processors.JSONRenderer(default=str),
]
HANDLER = {"formatter": "json", "filters": ["without_sdk_chatter"]}


def _ready(_logger: Any, _method: str, event: Any) -> str:
    return Line(event)


def logging_config(level: str, files: LogFiles | None) -> dict[str, Any]:
    """Return Django's LOGGING: everything to stderr, and to files where they are wanted, through one mask."""
    in_files = {"django_log": files.handler("django.log"), "phonepe_log": files.handler("phonepe.log")} if files else {}
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, *RENDERING, _ready],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_sdk_chatter": {"()": WithoutSdkChatter}},
        "formatters": {
            "json": {
                "()": OneLine,
                "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), *SHARED],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *RENDERING],
            }
        },
        "handlers": {
            "stderr": {"class": "zelton_backend.logs.MaskedStderr", **HANDLER},
            **in_files,
        },
        "root": {"handlers": ["stderr", *(["django_log"] if files else [])], "level": level},
        "loggers": {
            **{name: {"handlers": ["phonepe_log"]} for name in ABOUT_PHONEPE if files},
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
        },
    }

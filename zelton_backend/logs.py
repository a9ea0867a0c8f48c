"""Logs: one JSON line an event, with nothing in it that could move money or name a payer."""

import logging
import re
from typing import Any

import structlog

MASK = "***"
SECRET_KEYS = re.compile(r"secret|password|token|authorization|cookie|vpa|phone(?!pe)|card|cvv|otp", re.IGNORECASE)
SECRET_VALUES = re.compile(
    r"""O-Bearer\s+\S+                      # PhonePe's access token
    | \bToken\s+[0-9a-f]{16,}               # ours
    | (?:client_secret|access_token|token)[\"']?\s*[=:]\s*[\"']?[^\s&\"',}]+
    | \b[\w.+-]{2,}@[A-Za-z][A-Za-z0-9.]+   # UPI id or e-mail address
    | (?<![\w-])(?:\d[ -]?){11,18}\d(?![\w-])  # card number, or a phone number with its country code
    | (?<![\w-])[6-9]\d{9}(?![\w-])         # Indian mobile number
    """,
    re.VERBOSE,
)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_VALUES.sub(MASK, value)
    if isinstance(value, dict):
        return {key: MASK if SECRET_KEYS.search(str(key)) else _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def mask_secrets(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Mask secrets and personal data in every field of a log event, whoever wrote it."""
    return {
        key: value if key in {"_record", "_from_structlog"} else _masked({key: value})[key]
        for key, value in event.items()
    }


class WithoutSdkChatter(logging.Filter):
    """The SDK logs to the root logger; its debug and info lines say nothing that ours do not."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or "/phonepe/sdk/" not in record.pathname


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(level: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything to stderr through one formatter that masks."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
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
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder()],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    mask_secrets,
                    structlog.processors.JSONRenderer(default=str),
                ],
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["without_sdk_chatter"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
        },
    }

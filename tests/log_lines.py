"""What was logged, read after it has gone all its way.

`structlog.testing.capture_logs` misses loggers that were made before the settings were read anew, as some tests do.
"""

import json
from typing import Any

import pytest

from zelton_backend.logs import Line


def lines_of(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    lines = [json.loads(record.msg) for record in caplog.records if isinstance(record.msg, Line)]
    return [line for line in lines if line["event"] == event]

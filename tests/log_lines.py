"""What was logged, read after it has gone all its way.

`structlog.testing.capture_logs` misses loggers that were made before the settings were read anew, as some tests do.
"""

from typing import Any

import pytest


def lines_of(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [line for line in lines if line["event"] == event]

"""The bars by which a command tells how far it has come."""

from io import StringIO
from types import ModuleType
from typing import Any

import pytest
from tqdm import tqdm


def bars_of(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> "list[tqdm[Any]]":
    """Return a list to which each bar is added that the module shows from now on."""
    bars: list[tqdm[Any]] = []

    def shown(total: int, unit: str) -> "tqdm[Any]":
        bars.append(tqdm(total=total, unit=unit, file=StringIO()))
        return bars[-1]

    monkeypatch.setattr(module, "progress", shown)
    return bars

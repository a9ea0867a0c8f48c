import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.deployment import Deployment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these once: they bring their own database."""
    once = pytest.mark.skipif(os.environ.get("ZELTON_TEST_DATABASE") == "postgresql", reason="brings its own database")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.processes)
            item.add_marker(once)


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    with Deployment(tmp_path) as deployment:
        yield deployment


@pytest.fixture
def deployment_on_a_held_socket(tmp_path: Path) -> Iterator[Deployment]:
    with Deployment(tmp_path, holds_socket=True) as deployment:
        yield deployment

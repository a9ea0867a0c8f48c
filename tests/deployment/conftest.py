import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.described import ROOT
from tests.deployment.site import Site
from tests.postgres import Cluster
from zelton_backend.local_stack.processes import Family


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    cluster = Cluster()
    try:
        with Family(logs=tmp_path, home=ROOT, environment=dict(os.environ)) as family:
            yield Site(family, tmp_path, cluster)
    finally:
        cluster.stop()

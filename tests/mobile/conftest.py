"""The whole product, the app's web build and a Chromium, once for all stories; each story has people of its own."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.mobile.phones import Phones
from tests.mobile.town import Town
from zelton_backend.local_stack.app import AppServer, is_built
from zelton_backend.local_stack.processes import Family
from zelton_backend.local_stack.stack import Stack
from zelton_backend.local_stack.surroundings import HOME, choose_addresses, throw_away
from zelton_backend.local_stack.timeline import Timeline

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 30_000  # milliseconds that something on a screen may take on a busy machine


def missing() -> str:
    if CHROMIUM is None:
        return "needs a Chromium on this machine"
    return "" if is_built() else "needs the app's web build, which `make mobile-test` makes"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents and (reason := missing()):
            item.add_marker(pytest.mark.skip(reason))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The stack as `make run` starts it, on a throw-away database, and the app beside it."""
    folder, addresses = tmp_path_factory.mktemp("stack"), choose_addresses(0, 0)
    with AppServer(0, api=addresses.web) as app:
        around = throw_away(addresses, folder)
        ours = {
            "DJANGO_CORS_ALLOWED_ORIGINS": app.url,
            "APP_URL": f"{app.url}/payments",
            "APP_PASSWORD_URL": f"{app.url}/password",
        }
        around = replace(around, environment={**around.environment, **ours})
        with Family(logs=folder, home=HOME, environment=around.environment) as family:
            Stack(family, around, Timeline()).start()
            yield Town(family, addresses, app.url, folder / "demo.sqlite3")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def phones(browser: Browser, town: Town) -> Iterator[Phones]:
    with Phones(browser, town) as phones:
        yield phones

"""The app's web build, served beside the stack."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from zelton_backend.local_stack import app
from zelton_backend.local_stack.app import AppServer
from zelton_backend.local_stack.surroundings import HOME

API = "http://127.0.0.1:4000"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AppServer]:
    build = tmp_path / "dist"
    build.mkdir()
    (build / "index.html").write_text("<title>Zelton</title>")
    (build / "entry.js").write_text(f"const API = '{app.BUILT_FOR}';")
    (tmp_path / "secret").write_text("not to be served")
    with AppServer(0, api=API, build=build) as server:
        yield server


def read(server: AppServer, path: str) -> tuple[str, dict[str, str]]:
    with urlopen(server.url + path) as answer:
        return answer.read().decode(), dict(answer.headers)


def test_the_build_is_told_where_the_api_is(server: AppServer) -> None:
    body, headers = read(server, "/entry.js")

    assert body == f"const API = '{API}';"
    assert "javascript" in headers["Content-Type"]


@pytest.mark.parametrize("path", ["/", "/payments/ZLT-abc", "/pay?x=1", "/../secret", "/%2e%2e/secret"])
def test_every_other_address_is_a_screen_of_the_app(server: AppServer, path: str) -> None:
    body, headers = read(server, path)

    assert body == "<title>Zelton</title>"
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert f"connect-src 'self' {API};" in headers["Content-Security-Policy"]


def test_it_takes_nothing(server: AppServer) -> None:
    with pytest.raises(HTTPError, match="501"):
        urlopen(Request(server.url, method="POST"))


def test_without_a_build_it_says_what_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "BUILD", tmp_path)
    script = tmp_path / "_expo" / "static" / "js" / "web" / "entry.js"
    script.parent.mkdir(parents=True)

    assert app.serve(0, API) == 1
    script.write_text("const API = 'https://zelton.example';")  # it would ask another API than it is told
    assert app.serve(0, API) == 1

    assert "`make mobile` makes one" in capsys.readouterr().err


def test_without_node_make_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "node").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "node").chmod(0o755)
    installs = ["make", "-W", "zelton_mobile/package-lock.json", "zelton_mobile/node_modules/installed"]
    path = f"{tmp_path}:{os.environ['PATH']}"

    done = subprocess.run(installs, cwd=HOME, env={**os.environ, "PATH": path}, capture_output=True, text=True)

    assert done.returncode != 0
    assert "The app needs Node 20 or later with npm" in done.stderr

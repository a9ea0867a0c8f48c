"""Serve the web build of the app, so that a browser finds it beside the stack."""

import sys
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from zelton_backend.local_stack.ports import HOST, choose
from zelton_backend.local_stack.surroundings import HOME

BUILD = HOME / "zelton_mobile" / "dist"
BUILT_FOR = "http://localhost:8000"  # the API's address in a build for which none was said


def is_built() -> bool:
    """Tell whether there is a build that can be told where the API is: one that was made for another API cannot."""
    scripts = BUILD.glob("_expo/static/js/web/*.js")
    return any(BUILT_FOR in script.read_text() for script in scripts)


def serve(port: int, api: str) -> int:
    """Serve the app until Ctrl-C; return an exit code."""
    if not is_built():
        print("There is no web build of the app for this: `make mobile` makes one and serves it.", file=sys.stderr)
        return 1
    with AppServer(port, api=api) as server, suppress(KeyboardInterrupt):
        print(f"The app: {server.url}/  (asks the API at {api}, which `make run` serves). Ctrl-C ends it.", flush=True)
        Event().wait()
    return 0


class AppServer:
    """The app on a port of its own, told where the API is.

    An address of the app that is no file is a screen of it, which its first page knows how to show.
    """

    def __init__(self, port: int, *, api: str, build: Path = BUILD) -> None:
        (port,) = choose([port])
        self._server = ThreadingHTTPServer((HOST, port), partial(_Handler, api, directory=str(build)))
        self.url = f"http://{HOST}:{port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, api: str, *arguments: Any, directory: str) -> None:
        self._api = api
        super().__init__(*arguments, directory=directory)

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            path = Path(self.directory) / "index.html"
        body = path.read_bytes()
        if path.suffix == ".js":
            body = body.replace(BUILT_FOR.encode(), self._api.encode())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", policy(self._api))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the stack's own logs tell what was asked of it."""


def policy(api: str) -> str:
    """Return what pages of the app may do: run its own scripts and ask the API, and nothing of anybody else's."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        f"font-src 'self' data:; connect-src 'self' {api}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

"""What carries the SDK's requests: connections that are kept, renewed and trusted; against a server by script."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from urllib3.util.wait import wait_for_read

from core.services import phonepe_transport
from core.services.phonepe_errors import PhonePeOutcomeUnknown, PhonePeUnavailable
from core.services.phonepe_service import PhonePeService
from zelton_backend.local_stack.ports import choose

TOKEN = b'{"access_token":"t","token_type":"O-Bearer","expires_at":4102444800}'
PENDING = b'{"orderId":"P-1","state":"PENDING","amount":100}'


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body), b"", body])


class Script:
    """A server that answers every request for a state with `says`, and then does what `afterwards` tells it to."""

    def __init__(self, wrap: Callable[[socket.socket], socket.socket]) -> None:
        self._listener, self._wrap = socket.create_server(("127.0.0.1", 0)), wrap
        self.port = self._listener.getsockname()[1]
        self.says = answer(PENDING)
        self.hangs_up = False
        self.connections = 0
        self.requests: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), self._wrap(connection) as wrapped:
            while request := wrapped.recv(65536):
                if b"/oauth/" in request:
                    while b"client_version=" not in request:  # its body may come by itself
                        request += wrapped.recv(65536)
                    wrapped.sendall(answer(TOKEN, b"Connection: close"))
                    return
                self.connections += not self.requests or self.hangs_up
                self.requests.append(request)
                is_last = self.hangs_up  # before the answer: after it, the test goes on
                wrapped.sendall(self.says)
                if is_last:
                    return

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def script(settings: Any) -> Iterator[Script]:
    script = Script(lambda connection: connection)
    settings.PHONEPE_BASE_URL = f"http://127.0.0.1:{script.port}/pg"
    yield script
    script.close()


def ask(seconds: float = 5.0) -> str:
    return PhonePeService(seconds).order_report("ORDER-1").state


def transport() -> Any:
    return PhonePeService.get_client()._http_command._session._transport


def test_what_is_sent_is_what_the_api_asks_for(script: Script) -> None:
    ask()

    line, *headers = script.requests[0].decode().split("\r\n")
    assert line == "GET /pg/checkout/v2/order/ORDER-1/status?details=true&errorContext=true HTTP/1.1"
    assert f"Host: 127.0.0.1:{script.port}" in headers
    assert "Authorization: O-Bearer t" in headers
    assert "Content-Type: application/json" in headers


def test_a_redirect_is_not_followed_and_a_proxy_not_asked(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    script.says = answer(b"", b"Location: /elsewhere", status=b"307 Temporary Redirect")

    with pytest.raises(PhonePeOutcomeUnknown):
        ask()

    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "says",
    [
        answer(b" " * (phonepe_transport.LARGEST_ANSWER + 1)),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + PENDING,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(PENDING) + PENDING,
        b"PENDING\r\n\r\n",
        b"",
    ],
    ids=["too large", "cut off", "a chunk missing", "no HTTP", "nothing"],
)
def test_what_is_not_a_whole_answer_decides_nothing(script: Script, says: bytes) -> None:
    script.says, script.hangs_up = says, True
    with pytest.raises(PhonePeOutcomeUnknown):
        ask()

    script.says = answer(PENDING)
    assert ask() == "PENDING"


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_what_comes_before_an_answer_is_not_the_answer(script: Script, interim: bytes) -> None:
    script.says = b"HTTP/1.1 " + interim + b"\r\nLink: </x>\r\n\r\n" + answer(PENDING)

    assert [ask(), ask()] == ["PENDING"] * 2
    assert script.connections == 1


def test_an_answer_that_ends_with_its_connection_is_not_whole_if_we_cut_it(script: Script) -> None:
    script.says = b"HTTP/1.1 200 OK\r\n\r\n" + PENDING  # and then silence

    with pytest.raises(PhonePeOutcomeUnknown, match="ReadTimeout"):
        ask(0.5)


def test_one_connection_serves_many_requests_until_it_is_closed(script: Script) -> None:
    assert [ask(), ask(), ask()] == ["PENDING"] * 3
    assert script.connections == 1

    script.hangs_up = True
    assert ask() == "PENDING"  # still on the kept one
    (kept,) = transport()._waiting["http", f"127.0.0.1:{script.port}"]
    assert wait_for_read(kept.sock, timeout=5)  # its end has come
    assert ask() == "PENDING"


def test_a_connection_that_is_old_is_renewed(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    made = phonepe_transport._Connection.__init__

    def counted(self: Any, *args: Any) -> None:
        opened.append(self)
        made(self, *args)

    monkeypatch.setattr(phonepe_transport._Connection, "__init__", counted)
    ask()
    before = len(opened)
    transport()._oldest = 0.0

    assert ask() == "PENDING"
    assert len(opened) == before + 1


class TestAHostOfManyAddresses:
    """Some of them are dead: a connection to a full listener hangs, as to a host behind a firewall."""

    @pytest.fixture
    def dead(self) -> Iterator[int]:
        with ExitStack() as held:
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            for _ in range(4):
                knocking = held.enter_context(socket.socket())
                knocking.setblocking(False)
                knocking.connect_ex(listener.getsockname())
            yield listener.getsockname()[1]

    def resolve_to(self, ports: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr(phonepe_transport.socket, "getaddrinfo", lambda *_, **__: found)

    def test_all_are_tried_within_the_one_deadline(
        self, script: Script, dead: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask()
        script.requests.clear()
        transport().close()
        self.resolve_to([dead, dead, dead, script.port], monkeypatch)
        began = time.monotonic()

        with pytest.raises(PhonePeUnavailable):
            ask(0.5)

        assert time.monotonic() - began < 2
        assert not script.requests

    def test_who_tells_no_address_is_not_waited_for(self, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
        ask()
        transport().close()
        silent = threading.Event()
        monkeypatch.setattr(phonepe_transport.socket, "getaddrinfo", lambda *_, **__: silent.wait(60))
        began = time.monotonic()

        with pytest.raises(PhonePeUnavailable):
            ask(0.5)

        assert time.monotonic() - began < 5
        silent.set()

    def test_the_next_is_taken_if_one_refuses(self, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
        ask()
        transport().close()
        (refusing,) = choose([0])
        self.resolve_to([refusing, script.port], monkeypatch)

        assert ask() == "PENDING"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*make.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def tls_script(certificate: tuple[Path, Path]) -> Iterator[Script]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    script = Script(lambda connection: context.wrap_socket(connection, server_side=True))
    phonepe_transport._tls.cache_clear()
    yield script
    phonepe_transport._tls.cache_clear()
    script.close()


class TestTls:
    def test_whom_nobody_vouches_for_is_told_nothing(self, tls_script: Script, settings: Any) -> None:
        settings.PHONEPE_BASE_URL = f"https://localhost:{tls_script.port}"

        with pytest.raises(PhonePeUnavailable):
            ask()

        assert not tls_script.requests

    @pytest.mark.parametrize(("name", "is_meant"), [("localhost", True), ("127.0.0.1", False)])
    def test_a_certificate_is_for_a_name(
        self,
        tls_script: Script,
        certificate: tuple[Path, Path],
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        *,
        is_meant: bool,
    ) -> None:
        monkeypatch.setattr(phonepe_transport.certifi, "where", lambda: str(certificate[0]))
        settings.PHONEPE_BASE_URL = f"https://{name}:{tls_script.port}"

        if is_meant:
            assert [ask(), ask()] == ["PENDING"] * 2
        else:
            with pytest.raises(PhonePeUnavailable):
                ask()

    def test_a_handshake_that_never_ends_is_cut(self, settings: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings.PHONEPE_BASE_URL = f"https://localhost:{silent.getsockname()[1]}"

            with pytest.raises(PhonePeUnavailable):
                ask(0.5)

    def test_one_that_drips_is_cut_as_well(self, settings: Any) -> None:
        def drips(connection: socket.socket) -> socket.socket:
            connection.recv(65536)
            for byte in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + bytes(1000):
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
            return connection

        script = Script(drips)
        settings.PHONEPE_BASE_URL = f"https://localhost:{script.port}"
        began = time.monotonic()

        with pytest.raises(PhonePeUnavailable):
            ask(0.5)

        assert time.monotonic() - began < 2
        script.close()

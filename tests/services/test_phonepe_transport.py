"""What carries the SDK's requests: connections that are kept, renewed and trusted; against a server by script."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict
from urllib3.util.wait import wait_for_read

from core.services.phonepe import transport
from core.services.phonepe.deadline import Deadline, current_deadline
from core.services.phonepe.errors import PhonePeError, PhonePeOutcomeUnknown, PhonePeUnavailable
from core.services.phonepe_service import PhonePeService
from zelton_backend.local_stack.ports import choose

TOKEN = b'{"access_token":"t","token_type":"O-Bearer","expires_at":4102444800}'
PENDING = b'{"orderId":"P-1","state":"PENDING","amount":100}'


def chunked(body: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%b\r\n" % (len(body), body) + end


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body), b"", body])


class Script:
    """A server that answers every request for a state with `says`, and then does what `afterwards` tells it to."""

    def __init__(self, wrap: Callable[[socket.socket], socket.socket]) -> None:
        self._listener, self._wrap = socket.create_server(("127.0.0.1", 0)), wrap
        self.port = self._listener.getsockname()[1]
        self.says = answer(PENDING)
        self.hangs_up = False
        self.at_once = 2**30  # bytes; one alone takes a while
        self.thinks = 0.0  # seconds
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
                self.speaks_up = wrapped.sendall
                is_last = self.hangs_up  # before the answer: after it, the test goes on
                time.sleep(self.thinks)
                for at in range(0, len(self.says), self.at_once):
                    wrapped.sendall(self.says[at : at + self.at_once])
                    time.sleep(0.05 if self.at_once == 1 else 0)
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
    return PhonePeService(seconds).order_status("ORDER-1").state


def live_transport() -> Any:
    return PhonePeService.get_client()._http_command._session._transport


def all_kept() -> list[Any]:
    (pool,) = live_transport()._pools.values()
    return [each for each in pool.pool.queue if each and each.sock]


def kept() -> Any:
    """Return the one connection that is kept."""
    (connection,) = all_kept()
    return connection


def test_what_is_sent_is_what_the_api_asks_for(script: Script) -> None:
    ask()

    line, *headers = script.requests[0].decode().split("\r\n")
    assert line == "GET /pg/checkout/v2/order/ORDER-1/status?details=true&errorContext=true HTTP/1.1"
    assert f"Host: 127.0.0.1:{script.port}" in headers
    assert "Authorization: O-Bearer t" in headers
    assert "Content-Type: application/json" in headers


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See Other", b"307 Temporary", b"308 Permanent"])
def test_a_redirect_is_not_followed_and_a_proxy_not_asked(
    script: Script, monkeypatch: pytest.MonkeyPatch, status: bytes
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    script.says = answer(b"", b"Location: /elsewhere", status=status)

    with pytest.raises(PhonePeOutcomeUnknown):
        ask()

    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [b"429 Too Many Requests", b"503 Service Unavailable", b"413 Content Too Large"])
def test_nobody_but_us_tries_again(script: Script, status: bytes) -> None:
    script.says = answer(b"{}", b"Retry-After: 0", status=status)
    with pytest.raises(PhonePeError):
        ask()
    script.says, script.hangs_up = b"", True
    with pytest.raises(PhonePeOutcomeUnknown):
        ask()

    assert len(script.requests) == 2


def test_what_an_answer_wants_remembered_is_forgotten(script: Script) -> None:
    script.says = answer(PENDING, b"Set-Cookie: who=1", b"Authorization: Basic YQ==")

    assert [ask(), ask()] == ["PENDING"] * 2
    assert b"ookie" not in script.requests[1]
    assert b"Basic" not in script.requests[1]


@pytest.mark.parametrize(
    "says",
    [
        answer(PENDING + b" " * transport.LARGEST_ANSWER),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + PENDING,
        chunked(PENDING + b" " * transport.LARGEST_ANSWER),
        b"HTTP/1.1 200 OK\r\n\r\n" + PENDING + b" " * transport.LARGEST_ANSWER,
        chunked(PENDING, end=b""),
        b"PENDING\r\n\r\n",
        b"",
    ],
    ids=[
        "too large",
        "cut off",
        "too large in a chunk",
        "too large without a length",
        "a chunk missing",
        "no HTTP",
        "nothing",
    ],
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


def test_an_answer_that_drips_over_a_kept_connection_is_cut(script: Script) -> None:
    ask()
    script.at_once = 1
    began = time.monotonic()

    with pytest.raises(PhonePeOutcomeUnknown):
        ask(0.5)

    assert time.monotonic() - began < 2


def test_an_answer_may_take_longer_than_a_connection(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.2)
    script.thinks = 0.5

    assert [ask(), ask()] == ["PENDING"] * 2


def test_one_connection_serves_many_requests_until_it_is_closed(script: Script) -> None:
    assert [ask(), ask(), ask()] == ["PENDING"] * 3
    assert script.connections == 1

    script.hangs_up = True
    assert ask() == "PENDING"  # still on the kept one
    assert wait_for_read(kept().sock, timeout=5)  # its end has come
    assert ask() == "PENDING"


def test_as_many_connections_are_kept_as_calls_may_run_at_once(
    script: Script, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PHONEPE_MAX_CALLS = 3
    PhonePeService.forget_client()
    ask()  # has the token fetched
    together, read = threading.Barrier(4), transport._FinalAnswer.read

    def once_all_are_here(*args: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            together.wait(5)
        return read(*args)

    monkeypatch.setattr(transport._FinalAnswer, "read", once_all_are_here)
    with ThreadPoolExecutor(3) as pool:
        states = [pool.submit(ask) for _ in range(3)]
        together.wait(5)

    assert [state.result() for state in states] == ["PENDING"] * 3
    assert len(all_kept()) == 3


def test_a_connection_that_is_old_is_renewed(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    before = kept().sock
    monkeypatch.setattr(transport, "RENEW_AFTER", 0.0)

    assert ask() == "PENDING"
    assert kept().sock is not before


def test_a_connection_on_which_more_came_than_was_asked_for_is_not_used_again(script: Script) -> None:
    script.says = answer(PENDING)
    ask()
    before = kept().sock
    script.speaks_up(answer(PENDING.replace(b"PENDING", b"COMPLETED")))
    assert wait_for_read(before, timeout=5)

    assert ask() == "PENDING"
    assert kept().sock is not before


def test_a_connection_whose_deadline_passed_is_not_used_again(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog marks a deadline and shuts its socket in two steps: between them, nobody may get that socket."""
    ask()
    before, read = kept().sock, transport._FinalAnswer.read

    def at_the_last_moment(*args: Any) -> Any:
        body = read(*args)
        current_deadline().passed = True
        return body

    monkeypatch.setattr(transport._FinalAnswer, "read", at_the_last_moment)
    with pytest.raises(PhonePeOutcomeUnknown):
        ask()
    monkeypatch.undo()

    assert ask() == "PENDING"
    assert kept().sock is not before


def test_the_deadline_lets_go_of_a_connection_before_another_call_can_have_it(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[object] = []
    put = transport._Pool._put_conn

    def noted(pool: Any, connection: Any) -> None:
        watched.append(current_deadline()._socket)
        put(pool, connection)

    monkeypatch.setattr(transport._Pool, "_put_conn", noted)

    assert [ask(), ask()] == ["PENDING"] * 2
    assert watched == [None] * 3  # with the call for the token


def test_a_connection_that_comes_after_its_deadline_is_cut_too() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        limit = Deadline(5.0)
        limit.cut()

        limit.watch(ours)

        theirs.settimeout(5)
        assert theirs.recv(1) == b""


def test_nothing_is_sent_without_a_deadline(script: Script) -> None:
    ask()
    request = PreparedRequest()
    request.method, request.url = "GET", f"http://127.0.0.1:{script.port}/"
    request.headers = CaseInsensitiveDict()

    with pytest.raises(LookupError):
        live_transport().send(request)

    assert len(script.requests) == 1


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

    @pytest.fixture(autouse=True)
    def named(self, script: Script, settings: Any) -> None:
        settings.PHONEPE_BASE_URL = f"http://localhost:{script.port}"

    def resolve_to(self, ports: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
        as_ever = socket.getaddrinfo

        def resolve(host: str, *args: Any, **options: Any) -> Any:
            return found if host == "localhost" else as_ever(host, *args, **options)

        monkeypatch.setattr(transport.socket, "getaddrinfo", resolve)

    def test_all_are_tried_within_the_one_deadline(
        self, script: Script, dead: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask()
        script.requests.clear()
        live_transport().close()
        self.resolve_to([dead, dead, dead, script.port], monkeypatch)
        began = time.monotonic()

        with pytest.raises(PhonePeUnavailable):
            ask(0.5)

        assert time.monotonic() - began < 2
        assert not script.requests

    def test_who_tells_no_address_is_not_waited_for(self, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
        ask()
        live_transport().close()
        silent = threading.Event()
        monkeypatch.setattr(transport.socket, "getaddrinfo", lambda *_, **__: silent.wait(60))
        began = time.monotonic()

        with pytest.raises(PhonePeUnavailable):
            ask(0.5)

        assert time.monotonic() - began < 5
        silent.set()

    def test_the_next_is_taken_if_one_is_silent(
        self, script: Script, dead: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask()
        live_transport().close()
        monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.1)
        self.resolve_to([dead, dead, script.port], monkeypatch)

        assert ask(3) == "PENDING"

    def test_the_next_is_taken_if_one_refuses(self, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
        ask()
        live_transport().close()
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
    transport._tls.cache_clear()
    yield script
    transport._tls.cache_clear()
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
        monkeypatch.setattr(transport.certifi, "where", lambda: str(certificate[0]))
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

    def test_one_that_drips_is_cut_as_well(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def drips(connection: socket.socket) -> socket.socket:
            connection.recv(65536)
            for byte in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + bytes(1000):
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
            return connection

        script = Script(drips)
        settings.PHONEPE_BASE_URL = f"https://localhost:{script.port}"
        found = socket.getaddrinfo

        def slowly(*args: Any, **options: Any) -> Any:
            time.sleep(0.8)
            return found(*args, **options)

        monkeypatch.setattr(transport.socket, "getaddrinfo", slowly)
        began = time.monotonic()

        with pytest.raises(PhonePeUnavailable):
            ask(1.0)

        assert time.monotonic() - began < 1.6
        script.close()

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from phonepe_simulator import Fault
from tests.simulator.people import API, RETURN_URL, order

ROOT = Path(__file__).parents[2]


def test_one_connection_serves_many_calls(served):
    headers = {"Authorization": f"O-Bearer {served.token()}"}
    with served.connect() as connection:
        lengths = []
        for number in range(20):
            path = f"{API}/checkout/v2/order/NONE-{number}/status?details=true"
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            lengths.append((answer.status, int(answer.headers["Content-Length"]) == len(answer.read())))

        assert lengths == [(400, True)] * 20


def test_fifty_clients_at_once(served):
    headers = {"Authorization": f"O-Bearer {served.token()}"}

    def pay_and_ask(number):
        name = f"RENT-{number}"
        paid = served.send("POST", f"{API}/checkout/v2/pay", order(name), headers)
        asked = served.send("GET", f"{API}/checkout/v2/order/{name}/status", None, headers)
        return paid[0], asked[0]

    with ThreadPoolExecutor(50) as clients:
        assert set(clients.map(pay_and_ask, range(200))) == {(200, 200)}
    assert len(served.sim.orders) == 200


def test_a_body_too_large_is_refused_before_it_is_read(served):
    with served.connect() as connection:
        connection.putrequest("POST", f"{API}/checkout/v2/pay")
        connection.putheader("Content-Length", str(10**9))
        connection.endheaders()

        assert connection.getresponse().status == 413


def test_a_body_in_chunks(served):
    headers = {"Authorization": f"O-Bearer {served.token()}", "Transfer-Encoding": "chunked"}
    with served.connect() as connection:
        body = json.dumps(order()).encode()
        connection.request("POST", f"{API}/checkout/v2/pay", [body[:10], body[10:]], headers, encode_chunked=True)
        paid = connection.getresponse()
        paid.read()
        connection.request("POST", f"{API}/checkout/v2/pay", [b"x" * 300_000], headers, encode_chunked=True)

        assert (paid.status, connection.getresponse().status) == (200, 413)


def test_chunks_that_are_too_much_together(served):
    headers = {"Authorization": f"O-Bearer {served.token()}", "Transfer-Encoding": "chunked"}
    with served.connect() as connection:
        path = f"{API}/checkout/v2/pay"
        connection.request("POST", path, [b"x" * 200_000, b"x" * 200_000], headers, encode_chunked=True)

        assert connection.getresponse().status == 413


@pytest.mark.parametrize("size", [b"-5", b"x", b"", b"0x"])
def test_a_chunk_of_no_size(served, size):
    with socket.create_connection(served.server.server_address[:2], timeout=5) as raw:
        head = f"POST {API}/checkout/v2/pay HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        raw.sendall(head.encode() + size + b"\r\nhello\r\n0\r\n\r\n")

        assert raw.recv(100).startswith(b"HTTP/1.1 400")


TWO_LENGTHS = "Content-Length: 2\r\nTransfer-Encoding: chunked"


@pytest.mark.parametrize("head", ["Content-Length: -1", "Content-Length: x", "Transfer-Encoding: gzip", TWO_LENGTHS])
def test_a_length_that_cannot_be_read(served, head):
    host = served.server.server_address[:2]
    with socket.create_connection(host, timeout=5) as raw:
        raw.sendall(f"POST {API}/checkout/v2/pay HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n".encode())

        assert raw.recv(100).startswith(b"HTTP/1.1 400")


def test_an_address_that_cannot_be_read(served):
    with socket.create_connection(served.server.server_address[:2], timeout=5) as raw:
        raw.sendall(b"GET http://[x/ HTTP/1.1\r\nHost: a\r\n\r\n")

        assert raw.recv(100).startswith(b"HTTP/1.1 400")


def test_who_asks_first_is_told_to_go_on(served):
    with socket.create_connection(served.server.server_address[:2], timeout=5) as raw:
        raw.sendall(f"POST {API}/v1/oauth/token HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".encode())

        assert raw.recv(100).startswith(b"HTTP/1.1 100")


def test_a_call_that_is_never_answered(served):
    served.sim.faults.add(Fault("timeout_before"))
    with served.connect(timeout=0.2) as connection:
        connection.request("GET", f"{API}/checkout/v2/order/A/status")

        with pytest.raises(TimeoutError):
            connection.getresponse()


def test_a_connection_that_is_cut(served):
    served.sim.faults.add(Fault("cut_after"))
    with served.connect() as connection:
        connection.request("GET", f"{API}/checkout/v2/order/A/status")

        with pytest.raises(ConnectionResetError):
            connection.getresponse()


def test_a_body_that_comes_too_slowly(served):
    served.sim.faults.add(Fault("drip"))
    with served.connect(timeout=0.2) as connection:
        connection.request("GET", f"{API}/checkout/v2/order/A/status")
        answer = connection.getresponse()

        with pytest.raises(TimeoutError):
            answer.read()


def test_an_answer_that_comes_late(served):
    served.sim.faults.add(Fault("latency", seconds=30))
    with served.connect(timeout=0.2) as connection:
        connection.request("GET", f"{API}/checkout/v2/order/A/status")

        with pytest.raises(TimeoutError):
            connection.getresponse()


def test_a_head_request_brings_no_body(served):
    with served.connect() as connection:
        connection.request("HEAD", "/transact/uat_v2?token=x")
        answer = connection.getresponse()

        assert (answer.status, answer.read()) == (404, b"")


def start(*options):
    command = [sys.executable, "-m", "phonepe_simulator", "--port", "0", *options]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_from_the_command_line_until_told_to_stop(stop):
    with start("--seed", "7", "--fault", "latency,call=pay,seconds=0") as process:
        line = process.stdout.readline()
        address = line.split("listening on http://")[1].split()[0]
        with closing(http.client.HTTPConnection(address, timeout=5)) as connection:
            connection.request("GET", "/_simulator/faults")
            faults = connection.getresponse().read()
        process.send_signal(stop)

        assert process.wait(5) == 0
    assert address.startswith("127.0.0.1:")
    assert b'"latency"' in faults


@pytest.mark.parametrize(
    "options",
    [("--fault", "nonsense"), ("--setting", "colour=red"), ("--webhook-url", "ftp://x"), ("--virtual-clock", "noon")],
)
def test_a_wrong_option_is_named(options):
    with start(*options) as process:
        assert process.wait(5) == 2
        assert "error:" in process.stderr.read()


def test_a_port_that_is_taken_is_named(served):
    port = str(served.server.server_address[1])
    with start("--port", port) as process:
        assert process.wait(5) == 1
        assert f"Cannot listen on 127.0.0.1:{port}" in process.stderr.read()


def test_a_merchant_who_hangs_does_not_keep_it_from_stopping():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with start("--webhook-url", url) as process:
            address = process.stdout.readline().split("listening on http://")[1].split()[0]
            with closing(http.client.HTTPConnection(address, timeout=5)) as connection:
                connection.request("POST", "/_simulator/webhooks", '{"event": "checkout.order.completed"}')
                assert connection.getresponse().status == 200
            webhook, _ = listener.accept()
            process.send_signal(signal.SIGTERM)

            assert process.wait(2) == 0
            webhook.close()


def test_the_merchants_address_is_kept_as_it_is(served):
    headers = {"Authorization": f"O-Bearer {served.token()}"}
    served.send("POST", f"{API}/checkout/v2/pay", order(), headers)

    assert served.control("GET", "/orders/RENT-1")[1]["redirect_url"] == RETURN_URL

"""The command line: choose, start, say where, and stop cleanly."""

import json
import signal
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import datetime
from threading import Event
from typing import Any

from phonepe_simulator.clock import Clock, SystemClock, VirtualClock
from phonepe_simulator.engine import Simulator
from phonepe_simulator.faults import CALLS, KINDS, LINE_TYPES, Fault, read_fault
from phonepe_simulator.http_server import SimulatorServer
from phonepe_simulator.oauth import DEMO_CLIENT
from phonepe_simulator.report_command import NAME, print_report
from phonepe_simulator.webhooks import DEMO_TARGET

DESCRIPTION = """\
PhonePe's Standard Checkout sandbox on your own machine. No real money, no network.

Point your PhonePe base URL at http://HOST:PORT/apis/pg-sandbox (OAuth is there too), create an
order, open its redirectUrl in a browser and pay, fail or leave it pending. Webhooks go to
--webhook-url. What happened and what should go wrong: http://HOST:PORT/_simulator/
"""


def _epilog() -> str:
    width = max(map(len, KINDS))
    lines = [f"  {kind:<{width}}  {known.meaning}" for kind, known in KINDS.items()]
    return (
        "faults (--fault KIND[,call=NAME][,times=N][,chance=0.1][,seconds=S][,value=N][,merchant_order_id=ID]):\n"
        + "\n".join(lines)
        + "\n\ncalls: "
        + ", ".join(CALLS)
        + ";\nfor a webhook fault, call is the event, for instance checkout.order.completed;\n"
        f"for a report's fault, call is the line's type: {', '.join(LINE_TYPES)}\n\n"
        "python -m phonepe_simulator settlement-report --help: download the report of one that runs\n\n"
        "example:\n  python -m phonepe_simulator --webhook-url http://127.0.0.1:8000/hook "
        "--fault timeout_after,call=pay,chance=0.2\n"
    )


def build_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m phonepe_simulator",
        description=DESCRIPTION,
        epilog=_epilog(),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8800, help="port to listen on (8800); 0 picks a free one")
    parser.add_argument("--base-url", help="how browsers reach this server, if not http://HOST:PORT")
    parser.add_argument("--client-id", default=DEMO_CLIENT.client_id, help=f"({DEMO_CLIENT.client_id})")
    parser.add_argument("--client-secret", default=DEMO_CLIENT.secret, help=f"({DEMO_CLIENT.secret})")
    parser.add_argument("--client-version", default=DEMO_CLIENT.version, help=f"({DEMO_CLIENT.version})")
    parser.add_argument("--webhook-url", help="where webhooks are posted to; none are sent without it")
    parser.add_argument("--webhook-username", default=DEMO_TARGET.username, help=f"({DEMO_TARGET.username})")
    parser.add_argument("--webhook-password", default=DEMO_TARGET.password, help=f"({DEMO_TARGET.password})")
    parser.add_argument("--seed", type=int, help="the same seed and calls give the same ids")
    parser.add_argument(
        "--virtual-clock",
        metavar="START",
        type=_instant,
        help="start a clock that only /_simulator/clock moves, for instance 2026-01-01T00:00:00Z",
    )
    parser.add_argument(
        "--setting",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        type=_setting,
        help="see README.md; may be repeated",
    )
    parser.add_argument(
        "--fault", action="append", default=[], metavar="FAULT", type=read_fault, help="see below; may be repeated"
    )
    return parser


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("the instant needs a time zone, for instance a Z at its end")
    return instant


def _setting(text: str) -> tuple[str, Any]:
    """Read the value as JSON if it is any, for instance [1,5,10]; otherwise it is text."""
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def build_simulator(options: Namespace) -> Simulator:
    clock: Clock = VirtualClock(options.virtual_clock) if options.virtual_clock else SystemClock()
    simulator = Simulator(
        clock=clock,
        seed=options.seed,
        client_id=options.client_id,
        client_secret=options.client_secret,
        client_version=options.client_version,
        webhook_url=options.webhook_url,
        webhook_username=options.webhook_username,
        webhook_password=options.webhook_password,
    )
    simulator.change_settings(**dict(options.setting))
    faults: list[Fault] = options.fault
    for fault in faults:
        simulator.faults.add(fault)
    return simulator


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if list(given[:1]) == [NAME]:
        return print_report(given[1:])
    parser = build_parser()
    options = parser.parse_args(given)
    try:
        simulator = build_simulator(options)
        server = SimulatorServer(simulator, options.host, options.port)
    except (ValueError, OverflowError) as error:
        parser.error(str(error))
    except OSError as error:
        sys.stderr.write(f"Cannot listen on {options.host}:{options.port}: {error.strerror}\n")
        return 1
    simulator.base_url = (options.base_url or server.url).rstrip("/")
    _serve_until_told(server, options)
    return 0


def _serve_until_told(server: SimulatorServer, options: Namespace) -> None:
    told = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    with server:
        sys.stdout.write(
            f"PhonePe simulator listening on {server.url} (API at {server.url}/apis/pg-sandbox, "
            f"client id {options.client_id}, secret {_shown_secret(options)}, version {options.client_version})\n"
        )
        sys.stdout.flush()
        told.wait()


def _shown_secret(options: Namespace) -> str:
    """Only the demo secret, which is no secret, belongs on a screen."""
    return str(options.client_secret) if options.client_secret == DEMO_CLIENT.secret else "as given"

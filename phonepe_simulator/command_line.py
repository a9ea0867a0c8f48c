"""The command line: read the options, start, print the address, and stop cleanly."""

import signal
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from threading import Event
from typing import Any

from phonepe_simulator import option_types
from phonepe_simulator.api.oauth import DEMO_CLIENT
from phonepe_simulator.clock import Clock, RunningClock, SystemClock, VirtualClock
from phonepe_simulator.faults.kinds import CALLS, KINDS, LINE_TYPES
from phonepe_simulator.http_server import SimulatorServer
from phonepe_simulator.report_command import NAME, print_report
from phonepe_simulator.simulator import Simulator
from phonepe_simulator.version import __version__
from phonepe_simulator.webhooks.delivery import DEMO_TARGET

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
    add = parser.add_argument
    add("--version", action="version", version=f"phonepe_simulator {__version__}")
    add("--host", type=option_types.host, default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add("--port", type=option_types.port, default=8800, help="port to listen on (8800); 0 picks a free one")
    add("--base-url", type=option_types.url, help="how browsers reach this server, if not http://HOST:PORT")
    for name, default in (
        ("id", DEMO_CLIENT.client_id),
        ("secret", DEMO_CLIENT.secret),
        ("version", DEMO_CLIENT.version),
    ):
        add(f"--client-{name}", type=option_types.text, default=default, help=f"({default})")
    add("--webhook-url", type=option_types.url, help="where webhooks are posted to; none are sent without it")
    for name, default in (("username", DEMO_TARGET.username), ("password", DEMO_TARGET.password)):
        add(f"--webhook-{name}", type=option_types.text, default=default, help=f"({default})")
    add("--seed", type=option_types.seed, help="the same seed and calls give the same ids")
    clocks = parser.add_mutually_exclusive_group()
    clocks.add_argument(
        "--virtual-clock",
        metavar="START",
        type=option_types.instant,
        help="start a clock that only /_simulator/clock moves, for instance 2026-01-01T00:00:00Z",
    )
    clocks.add_argument(
        "--movable-clock",
        action="store_true",
        help="let /_simulator/clock put the clock ahead, which otherwise goes on as the machine's",
    )
    repeatable: dict[str, Any] = {"action": "append", "default": []}
    add(
        "--allow-host",
        metavar="NAME",
        type=option_types.host_to_allow,
        help="a name under which the control API may be called, beside localhost; repeatable",
        **repeatable,
    )
    add("--setting", metavar="NAME=VALUE", type=option_types.setting, help="see README.md; repeatable", **repeatable)
    add("--fault", metavar="FAULT", type=option_types.fault, help="see below; repeatable", **repeatable)
    return parser


def build_simulator(options: Namespace) -> Simulator:
    simulator = Simulator(
        clock=_clock(options),
        seed=options.seed,
        client_id=options.client_id,
        client_secret=options.client_secret,
        client_version=options.client_version,
        webhook_url=options.webhook_url,
        webhook_username=options.webhook_username,
        webhook_password=options.webhook_password,
        allowed_hosts=options.allow_host,
    )
    try:
        simulator.change_settings(**dict(options.setting))
    except ValueError as error:
        raise ValueError(f"argument --setting: {error}") from error
    for fault in options.fault:
        simulator.faults.add(fault)
    return simulator


def _clock(options: Namespace) -> Clock:
    if options.virtual_clock:
        return VirtualClock(options.virtual_clock)
    return RunningClock() if options.movable_clock else SystemClock()


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if list(given[:1]) == [NAME]:
        return print_report(given[1:])
    parser = build_parser()
    options = parser.parse_args(given)
    try:
        simulator = build_simulator(options)
    except ValueError as error:
        parser.error(str(error))
    try:
        server = SimulatorServer(simulator, options.host, options.port)
    except OSError as error:
        sys.stderr.write(f"Cannot listen on {options.host}:{options.port}: {error.strerror}\n")
        return 1
    simulator.base_url = (options.base_url or server.url).rstrip("/")
    _serve_until_stopped(server, options)
    return 0


def _serve_until_stopped(server: SimulatorServer, options: Namespace) -> None:
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with server:
        sys.stdout.write(
            f"PhonePe simulator listening on {server.url} (API at {server.url}/apis/pg-sandbox, "
            f"client id {options.client_id}, secret {_shown_secret(options)}, version {options.client_version})\n"
        )
        sys.stdout.flush()
        stopped.wait()


def _shown_secret(options: Namespace) -> str:
    """Return what may be printed: only the demo secret, which everybody knows."""
    return str(options.client_secret) if options.client_secret == DEMO_CLIENT.secret else "as given"

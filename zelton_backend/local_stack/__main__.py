"""python -m zelton_backend.local_stack run|demo|app"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from core.management.arguments import number
from zelton_backend.local_stack import app, runs
from zelton_backend.local_stack.lock import RunsAlreadyError, alone
from zelton_backend.local_stack.ports import HOST
from zelton_backend.local_stack.surroundings import (
    APP_PORT,
    HOME,
    SIMULATOR_PORT,
    WEB_PORT,
    choose_addresses,
    lasting,
    throw_away,
)

PORT = number(0, 65_535)  # 0: any that is free


def main() -> int:
    options = read_options(sys.argv[1:])
    if options.what == "app":
        return app.serve(options.port, options.api)
    with TemporaryDirectory(prefix="zelton-") as name:
        folder = Path(name)
        if options.what == "demo":
            return runs.guarded(throw_away(choose_addresses(0, 0), folder), runs.demo)
        try:
            return _run(options, folder)
        except RunsAlreadyError as problem:
            print(problem, file=sys.stderr)
            return 1


def _run(options: Namespace, folder: Path) -> int:
    addresses = choose_addresses(options.web_port, options.simulator_port)
    moved = {options.web_port: addresses.web_port, options.simulator_port: addresses.simulator_port}
    with alone(options.logs, addresses.web):
        for wanted, used in moved.items():
            if wanted not in (0, used):
                print(f"Port {wanted} is taken: using {used} instead.", flush=True)
        return runs.guarded(lasting(addresses, folder, options.logs), runs.run)


def read_options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser("python -m zelton_backend.local_stack", description="The whole product on this machine.")
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser("demo", help="take one rent payment on a throw-away database, then end")
    serving = commands.add_parser("run", help="take one rent payment, then keep serving until Ctrl-C")
    serving.add_argument("--web-port", type=PORT, default=WEB_PORT, help=f"({WEB_PORT})")
    serving.add_argument("--simulator-port", type=PORT, default=SIMULATOR_PORT, help=f"({SIMULATOR_PORT})")
    serving.add_argument("--logs", type=Path, default=HOME / "logs", metavar="FOLDER", help="(logs)")
    browsing = commands.add_parser("app", help="serve the web build of the app to a browser until Ctrl-C")
    browsing.add_argument("--port", type=PORT, default=APP_PORT, help=f"({APP_PORT})")
    browsing.add_argument("--api", default=f"http://{HOST}:{WEB_PORT}", metavar="URL", help="(%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

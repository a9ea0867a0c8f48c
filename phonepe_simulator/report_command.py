"""python -m phonepe_simulator settlement-report: download the report of a running simulator."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from phonepe_simulator import option_types

NAME = "settlement-report"
DEFAULT = "http://127.0.0.1:8800"


def print_report(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    query = {"format": options.format}
    if options.settlement_id:
        query["settlement_id"] = options.settlement_id
    try:
        sys.stdout.write(_download(f"{options.url.rstrip('/')}/_simulator/settlements/report?{urlencode(query)}"))
    except HTTPError as refusal:
        with refusal:
            sys.stderr.write(f"{_error_in(refusal.read())}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"Cannot reach {options.url}: {error}\n")
        return 1
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"python -m phonepe_simulator {NAME}",
        description="Print the settlement report of a running simulator.",
    )
    parser.add_argument("--url", type=option_types.url, default=DEFAULT, help=f"where it runs ({DEFAULT})")
    parser.add_argument("--format", choices=("csv", "json"), default="csv", help="(csv)")
    parser.add_argument("--settlement-id", help="one settlement only")
    return parser


def _download(url: str) -> str:
    # No proxy from the environment: the simulator is on this machine or on its network.
    with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def _error_in(body: bytes) -> str:
    """Return the sentence in the simulator's error."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "That is not a simulator."

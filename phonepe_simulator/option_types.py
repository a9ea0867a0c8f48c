"""The values of the command line's options. Each refuses a wrong one with a sentence that argparse prints."""

import json
import re
from argparse import ArgumentTypeError
from dataclasses import fields
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from phonepe_simulator.faults.fault import Fault, read_fault
from phonepe_simulator.settings import Settings

TEXT_SETTINGS = {field.name for field in fields(Settings) if field.type is str}


def text(value: str) -> str:
    if not value:
        raise ArgumentTypeError("must not be empty")
    return value


def host(value: str) -> str:
    try:
        text(value).encode("idna")
    except UnicodeError as error:
        raise ArgumentTypeError(f"{value!r} is not the name of a host") from error
    return value


def host_to_allow(value: str) -> str:
    name = value.removeprefix("[").removesuffix("]").lower()
    is_name = re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name)
    if not (is_name or _is_address(name)):
        raise ArgumentTypeError(f"a name without scheme, port or *, for instance sim.lan, not {value!r}")
    return name


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= 65535):
        raise ArgumentTypeError(f"a port is a whole number from 0 to 65535, not {value!r}")
    return int(value)


def seed(value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise ArgumentTypeError(f"a seed is a whole number, not {value!r}") from error


def url(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ArgumentTypeError(f"a URL starts with http:// or https:// and names a host, not {value!r}")
    return value


def instant(value: str) -> datetime:
    try:
        read = datetime.fromisoformat(value)
    except ValueError as error:
        raise ArgumentTypeError(f"an instant is written as 2026-01-01T00:00:00Z, not {value!r}") from error
    if read.tzinfo is None:
        raise ArgumentTypeError("the instant needs a time zone, for instance a Z at its end")
    return read


def setting(value: str) -> tuple[str, Any]:
    """Read the value as JSON if it is valid JSON, for instance [1,5,10], and as text otherwise."""
    name, separator, chosen = value.partition("=")
    if not separator:
        raise ArgumentTypeError(f"a setting is written as NAME=VALUE, not {value!r}")
    if name in TEXT_SETTINGS:
        return name, chosen
    try:
        return name, json.loads(chosen)
    except ValueError:
        return name, chosen


def fault(value: str) -> Fault:
    try:
        return read_fault(value)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error

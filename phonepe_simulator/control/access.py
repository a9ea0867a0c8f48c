"""Who may use the control API: programs, and web pages of the simulator's own, but no other web page.

A page of another site, open in the browser of somebody who runs a simulator, can send requests to it. Its
`Origin` and `Sec-Fetch-Site` give it away. They do not if its own host name was made to point at the simulator
(DNS rebinding), for then it is of the same origin; but then that name is in `Host`.
"""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from phonepe_simulator.control.requests import ControlError
from phonepe_simulator.messages import Request

OWN_PAGES = (None, "same-origin", "none")


def check_host(request: Request, allowed_hosts: Collection[str]) -> None:
    """Let in a request that is addressed to this machine, or to an allowed host.

    A request without `Host` is let in, because every browser sends one.

    :raises ControlError: 403 otherwise
    """
    host = request.header("Host")
    if host is not None and not _is_allowed(_name_in(host), allowed_hosts):
        raise ControlError(
            f"This is for this machine alone: call it as localhost or 127.0.0.1, not as {host!r}. "
            "To allow another name, start the simulator with --allow-host NAME.",
            403,
        )


def check_site(request: Request) -> None:
    """Let in a request that comes from a program, or from a web page of the simulator's own.

    :raises ControlError: 403 otherwise
    """
    host, origin = request.header("Host"), request.header("Origin")
    is_own_page = origin is None or (host is not None and _netloc_of(origin) == host.lower())
    if not is_own_page or request.header("Sec-Fetch-Site") not in OWN_PAGES:
        raise ControlError("The control API is not for web pages of other sites.", 403)


def _name_in(host: str) -> str:
    """Return the host name without its port, empty if it cannot be read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _netloc_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_allowed(name: str, allowed_hosts: Collection[str]) -> bool:
    return name == "localhost" or name.endswith(".localhost") or name in allowed_hosts or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False

"""All that a run needs beside it: the simulator over HTTP, a throw-away database, a virtual clock, our own door."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache

from core.services.phonepe import rate_limit
from core.services.phonepe_service import PhonePeService
from phonepe_simulator.http_server import SimulatorServer
from zelton_backend.local_stack.surroundings import SANDBOX_PATH
from zelton_backend.sign_off.front_door import WEBHOOK_PATH, Door, front_door
from zelton_backend.sign_off.masks import Masks
from zelton_backend.sign_off.phonepe import PhonePe, RecordingSimulator
from zelton_backend.sign_off.record import Exchange, Record
from zelton_backend.sign_off.uat import Uat, carry, configured, start_afresh
from zelton_backend.sign_off.webhook_request import webhook_digest
from zelton_backend.simulation.database import Databases
from zelton_backend.simulation.virtual_time import VirtualClock, virtual_wall_clock

CLIENT_ID, WEBHOOK_USERNAME = "UATCLIENT", "uat_hooks"
REDIRECT_BASE_URL = "https://uat.zelton.example"
LOCK_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Bench:
    """What lasts for a whole run; each check gets a database, a PhonePe and a clock of its own."""

    databases: Databases
    door_url: str
    started_at: datetime

    @contextmanager
    def uat(self) -> Iterator[Uat]:
        """Set everything up for one check, and throw it away."""
        name = self.databases.copy()
        try:
            with ExitStack() as stack:
                stack.enter_context(self.databases.opened(name))
                clock = stack.enter_context(virtual_wall_clock(self.started_at))
                yield self._set_up(stack, clock)
        finally:
            self.databases.drop(name)

    def _set_up(self, stack: ExitStack, clock: VirtualClock) -> Uat:
        client_secret, password = secrets.token_urlsafe(24), f"a1{secrets.token_hex(6)}"
        credentials = f"{WEBHOOK_USERNAME}:{password}"
        record = Record(Masks([client_secret, password]), webhook_digest=webhook_digest(credentials))
        exchanges: list[Exchange] = []

        def note(exchange: Exchange) -> None:
            exchanges.append(exchange)
            record.call(exchange)

        door = Door(self.door_url, record)
        simulator = RecordingSimulator(
            note,
            seed=7,
            client_id=CLIENT_ID,
            client_secret=client_secret,
            webhook_url=self.door_url + WEBHOOK_PATH,
            webhook_username=WEBHOOK_USERNAME,
            webhook_password=password,
            deliver=lambda letter: carry(door, letter),
        )
        server = stack.enter_context(SimulatorServer(simulator, ticks=False))
        simulator.base_url = server.url
        stack.enter_context(
            configured(
                ALLOWED_HOSTS=["127.0.0.1"],
                PHONEPE_ENVIRONMENT="SANDBOX",
                PHONEPE_BASE_URL=server.url + SANDBOX_PATH,
                PHONEPE_CLIENT_ID=CLIENT_ID,
                PHONEPE_CLIENT_SECRET=client_secret,
                PHONEPE_CLIENT_VERSION=1,
                PHONEPE_ORDER_EXPIRE_AFTER=1200,
                PHONEPE_CALLS_PER_SECOND=1000,
                PHONEPE_CALL_SHARES=1,
                PHONEPE_REDIRECT_BASE_URL=REDIRECT_BASE_URL,
                PHONEPE_WEBHOOK_CREDENTIALS=[credentials],
                REFUND_APPROVAL_ABOVE=None,
                REDIS_URL="",
                WEBHOOK_ARCHIVE="",
            )
        )
        stack.callback(_forget)
        cache.clear()
        start_afresh()
        return Uat(PhonePe(simulator, exchanges), clock, record, door)


@contextmanager
def bench(databases: Databases, *, now: datetime) -> Iterator[Bench]:
    """Open our door for a run.

    :param now: when every check begins, on its own clock
    """
    with front_door() as url:
        yield Bench(databases, url, now.replace(microsecond=0))


def _forget() -> None:
    PhonePeService.forget_client()
    rate_limit.use(None)
    cache.clear()

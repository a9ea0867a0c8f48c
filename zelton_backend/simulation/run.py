"""Run one seed: in a database of its own, on a clock of its own, with rng of its own."""

import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from django.conf import settings
from django.test.utils import override_settings

from zelton_backend.simulation.database import Databases
from zelton_backend.simulation.people import settle, settle_owners
from zelton_backend.simulation.seeded import seeded
from zelton_backend.simulation.story import Story
from zelton_backend.simulation.subscriptions.planted import planted
from zelton_backend.simulation.subscriptions.story import SubscriptionStory
from zelton_backend.simulation.telling import Telling
from zelton_backend.simulation.violation import Violation
from zelton_backend.simulation.virtual_time import virtual_time
from zelton_backend.simulation.world import START, Settles, World, a_world

DAY = 86_400
# What a seed's story depends on is here and not in the environment, so that it replays anywhere.
SURROUNDINGS: dict[str, Any] = {
    "ALLOWED_HOSTS": ["localhost"],
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},  # nobody is throttled
    "DEBUG": False,
    "EMAIL_BACKEND": "zelton_backend.simulation.subscriptions.mailbox.Mailbox",
    "PHONEPE_BASE_URL": "http://phonepe.simulated/apis/pg-sandbox",
    "PHONEPE_CLIENT_ID": "SIMULATION",
    "PHONEPE_CLIENT_SECRET": "simulation-client-key",
    "PHONEPE_CLIENT_VERSION": 1,
    "PHONEPE_ENVIRONMENT": "SANDBOX",
    "PHONEPE_ORDER_EXPIRE_AFTER": 1200,
    "PHONEPE_REDIRECT_BASE_URL": "http://localhost",
    "PHONEPE_TIMEOUT": 8,
    "PHONEPE_WEBHOOK_CREDENTIALS": ["simulated_hook:webhook2pass"],
    "PHONEPE_CALLS_PER_SECOND": 1000,
    "PHONEPE_CALL_SHARES": 1,
    "REDIS_URL": "",
    "SECURE_SSL_REDIRECT": False,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a story is to be about: so many orders, or the subscriptions of some owners for so many months.

    :ivar planted: the name of a defect to plant, see `planted`
    :ivar months_every: only every so many seeds tell of subscriptions, the others of orders; 0: all tell the same
    """

    orders: int = 200
    months: int = 0
    owners: int = 3
    planted: str = ""
    months_every: int = 0

    def by(self, seed: int) -> "Wanted":
        """Return what one seed is to tell of."""
        if not self.months_every:
            return self
        return replace(self, months=0 if seed % self.months_every else self.months, months_every=0)

    def settles(self) -> Settles:
        return partial(settle_owners, self.owners) if self.months else partial(settle, self.orders)

    def story(self, world: World) -> Telling:
        return SubscriptionStory(world, self.months) if self.months else Story(world, self.orders)

    def arguments(self) -> str:
        """Return how the command is told so."""
        what = f"--months {self.months} --owners {self.owners}" if self.months else f"--orders {self.orders}"
        return f"{what} --plant {self.planted}" if self.planted else what


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a seed. `seconds` are those of this machine."""

    seed: int
    arguments: str
    digest: str
    counts: dict[str, int]
    virtual_days: float
    seconds: float
    violation: str = ""
    step: int = 0
    trace: list[str] = field(default_factory=list)
    kept: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def run(seed: int, wanted: Wanted, databases: Databases, *, keep: bool = False) -> Result:
    """Tell one seed's story.

    :param keep: keep the database if an invariant does not hold
    """
    wanted = wanted.by(seed)
    name, began = databases.copy(), time.perf_counter()
    kept = False
    try:
        with (
            databases.opened(name),
            _quiet(),
            _surroundings(seed),
            _without_garbage_collection(),
            planted(wanted.planted),
        ):
            result = _told(seed, wanted, began)
        if result.violation and keep:
            kept = True
            return replace(result, kept=databases.keep(name))
        return result
    finally:
        if not kept:
            databases.drop(name)


def _told(seed: int, wanted: Wanted, began: float) -> Result:
    with (
        virtual_time(START) as clock,
        seeded(seed) as rng,
        a_world(wanted.settles(), seed=seed, clock=clock, rng=rng) as world,
    ):
        story, violation = wanted.story(world), ""
        try:
            story.is_told()
        except Violation as found:
            violation = str(found)
        return Result(
            seed=seed,
            arguments=wanted.arguments(),
            digest=world.trace.digest(),
            counts=dict(sorted(story.summary().items())),
            virtual_days=round(clock.seconds() / DAY, 3),
            seconds=round(time.perf_counter() - began, 3),
            violation=violation,
            step=world.trace.steps,
            trace=world.trace.last if violation else [],
        )


@contextmanager
def _surroundings(seed: int) -> Iterator[None]:
    middleware = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]  # it lists all static files
    retries = ("standard", "custom")[seed % 2]  # who tries a debit again
    with override_settings(**SURROUNDINGS, MIDDLEWARE=middleware, AUTOPAY_RETRIES=retries):
        yield


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Collect once after a seed: its world is small, and collecting meanwhile took a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


@contextmanager
def _quiet() -> Iterator[None]:
    """Log nothing: a story of faults would fill any log."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)

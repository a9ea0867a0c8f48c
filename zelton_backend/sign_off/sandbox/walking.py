"""Everything around a walk: our own door, what is noted on the way, and that stopping loses nothing."""

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.utils import timezone

from core.services import phonepe_service
from core.services.phonepe_service import PhonePeService
from zelton_backend.sign_off.front_door import Door, front_door
from zelton_backend.sign_off.masks import Masks
from zelton_backend.sign_off.record import Record
from zelton_backend.sign_off.requirements import Outcome, all_requirements
from zelton_backend.sign_off.sandbox.judging import Seen, judge
from zelton_backend.sign_off.sandbox.line import NotingTransport
from zelton_backend.sign_off.sandbox.progress import Progress
from zelton_backend.sign_off.sandbox.walk import Walk
from zelton_backend.sign_off.uat import configured
from zelton_backend.sign_off.webhook_request import webhook_digest


def take_up(folder: Path) -> Progress:
    """Take up the walk that a folder holds, or begin one.

    :raises ProgressUnreadable: if it holds none that can go on
    """
    name = f"phonepe-uat-{secrets.token_hex(3)}"
    return Progress.load(folder, client_id=settings.PHONEPE_CLIENT_ID, name=name, now=timezone.now())


def walk(progress: Progress, *, say: Callable[[str], None], wait: Callable[[float], None]) -> list[Outcome]:
    """Go on with a walk until all is seen or somebody stops it; return what is proved so far.

    :raises Refused: if it cannot go on
    """
    masks = Masks(
        [settings.PHONEPE_CLIENT_SECRET, *(pair.split(":")[1] for pair in settings.PHONEPE_WEBHOOK_CREDENTIALS)]
    )
    record = Record(masks, webhook_digest=webhook_digest(), entries=progress.entries)
    progress.save()
    try:
        with ExitStack() as stack:
            url = stack.enter_context(front_door())
            stack.enter_context(configured(ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, "127.0.0.1"]))
            transport = partial(NotingTransport, record.call)
            stack.enter_context(mock.patch.object(phonepe_service, "Transport", transport))
            stack.callback(PhonePeService.forget_client)
            PhonePeService.forget_client()
            Walk(progress, Door(url, record), say, wait).go()
    except KeyboardInterrupt:
        say("\nStopped. The same command goes on where this ended; what was seen so far is in the report.")
    finally:
        progress.stop(timezone.now())
    seen = Seen(progress, masks)
    return [judge(requirement, seen, masks) for requirement in all_requirements()]

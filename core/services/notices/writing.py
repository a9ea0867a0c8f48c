"""Write into the outbox what a person must be told; called in the transaction of the cause, and told once.

It goes by e-mail to who has an address, and to the log where there is none, so that operators see what nobody was told.
"""

from collections.abc import Mapping
from datetime import datetime

from core.db.prepared import insert_if_new
from core.models import Notification, NotificationChannel, NotificationKind, User
from core.services.notices.switches import is_wanted
from core.services.operations.outbox import as_html


def tell(
    user: User,
    kind: NotificationKind,
    *,
    about: str,
    subject: str,
    sentence: str,
    facts: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    now: datetime,
) -> None:
    """Have somebody told, unless they have switched this kind off; of the same cause once.

    :param about: the cause, `order:ZLT-…` for example; at most 64 characters
    :param facts: what stands below the sentence, by name
    :param data: what delivery needs, such as the receipt to attach
    """
    if not is_wanted(user, kind):
        return
    shown = dict(facts or {})
    channel = NotificationChannel.EMAIL if user.email else NotificationChannel.LOG
    row = Notification(
        kind=kind,
        about=about[:64],
        channel=channel,
        recipient=user.email or f"user:{user.pk}",
        subject=f"Zelton: {subject}"[:200],
        text="\n".join([sentence, "", *(f"{name}: {value}" for name, value in shown.items()), ""]),
        html=as_html(sentence, shown),
        data=dict(data or {}),
        created_at=now,
        next_try_at=now,
    )
    insert_if_new(row)

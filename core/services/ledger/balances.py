"""Balances of accounts, and the trial balance: all accounts on a day, whose debits and credits are equal.

Lines are added up once: `add_up` keeps their totals, and a balance is those totals and the lines after them. Both are
read in one statement, so a balance is exact whether and whenever that was done; without it, it only takes longer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Max,
    Model,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import TruncDate

from core.db.long_statements import let_read_all
from core.india import INDIA
from core.models import BooksProof, LedgerLine, LedgerTotal
from core.models.ledger_accounts import OWNERS
from core.services.locks import wait_turn

logger = structlog.get_logger(__name__)

T = TypeVar("T")
TENANCIES = "tenancy:"
REMEDY = "Add them up anew: manage.py check_books --add-up-anew"
ALL_TENANCIES, ALL_OWNERS = "receivable from tenancies", "payable to owners"  # of which there are as many as people


@dataclass(frozen=True, slots=True)
class Balance:
    """What was posted to an account, or to all of one kind, in paise."""

    account: str
    debits: int
    credits: int

    @property
    def paise(self) -> int:
        """Return debits less credits."""
        return self.debits - self.credits


def trial_balance(*, through: date | None = None) -> list[Balance]:
    """Return every account's balance, those of tenancies and of owners in one sum each.

    :param through: the last day in India that counts; none: everything that is posted
    """
    return _balances(LedgerTotal.objects.all(), LedgerLine.objects.all(), through)


def balance_of(account: str) -> Balance:
    """Return the balance of one account; nothing posted is nothing."""
    lines = LedgerLine.objects.filter(account=account)
    if _is_of_a_person(account):  # which is not in the totals, and has few lines
        sides = lines.aggregate(**_sides())
        return Balance(account, sides["debits"], -sides["credits"])
    found = _balances(LedgerTotal.objects.filter(account=account), lines, None)
    return found[0] if found else Balance(account, 0, 0)


def _balances(totals: QuerySet[LedgerTotal], lines: QuerySet[LedgerLine], through: date | None) -> list[Balance]:
    """Sum up the totals of the first lines, and the lines after them."""
    if through is not None:
        totals, lines = totals.filter(day__lte=through), lines.filter(entry__at__lt=_end_of(through))
    return _read(lambda last: _sum(totals.filter(through_line__lte=last), lines.filter(pk__gt=last)))[1]


def _read(what: Callable[[int], T]) -> tuple[int, T]:
    """Return the last line that is in the totals, and what is read of them up to there.

    It is asked for first, because a number tells PostgreSQL that few lines come after it.
    """
    while True:
        last = counted_through()
        found = what(last)
        if end_at(last):
            return last, found


def end_at(line: int) -> bool:
    """Tell whether the totals, or a part of them, end at this line, as they did: they were not made anew since."""
    return not line or LedgerTotal.objects.filter(through_line=line).exists()


def _sum(totals: QuerySet[LedgerTotal], lines: QuerySet[LedgerLine]) -> list[Balance]:
    counted = totals.values("account").annotate(debits=Sum("debits_paise"), credits=-Sum("credits_paise"))
    rows = counted.values_list("account", "debits", "credits").union(
        _by_kind(lines).annotate(**_sides()).values_list("kind", "debits", "credits"), all=True
    )
    summed: dict[str, Balance] = {}
    for account, debit, credit in rows:
        before = summed.get(account, Balance(account, 0, 0))
        summed[account] = Balance(account, before.debits + int(debit), before.credits - int(credit))
    return [summed[account] for account in sorted(summed)]


def add_up(*, anew: bool = False) -> int:
    """Keep the totals of the lines that were posted since they were last added up; return how many lines that were.

    :param anew: of all lines, in the place of the totals that are kept
    """
    try:
        last = last_key(LedgerLine)
    except OperationalError:
        logger.warning("totals_not_added_up", problem="somebody posts for longer than a second")
        return 0
    with transaction.atomic():
        wait_turn("ledger totals")
        after = counted_through()
        if anew:
            LedgerTotal.objects.all().delete()
            last, after = max(last, after), 0  # who waited comes after others that have gone further
        if last <= after:
            return 0
        let_read_all()  # the first time there may be millions of lines
        rows = _by_day(LedgerLine.objects.filter(pk__gt=after, pk__lte=last))
        totals = [
            LedgerTotal(
                account=row["kind"],
                day=row["day"],
                after_line=after,
                through_line=last,
                debits_paise=row["debits"],
                credits_paise=-row["credits"],
            )
            for row in rows
        ]
        LedgerTotal.objects.bulk_create(totals)
        return sum(row["lines"] for row in rows)


def differences(since: BooksProof | None = None) -> Iterator[str]:
    """Yield a sentence for every account and day of which the totals say otherwise than their lines.

    :param since: a proof of the lines before it, of which only the sums are compared, by account
    """
    if since is not None:
        yield from _other_sums(since)
        return
    last, told = _read(_by_account_and_day)
    for row in _by_day(LedgerLine.objects.filter(pk__lte=last)):
        if told.pop((row["kind"], row["day"]), None) != (row["debits"], -row["credits"]):
            yield f"The totals of {row['kind']} on {row['day']} are not those of its lines. {REMEDY}"
    for account, day in told:
        yield f"The totals of {account} on {day} are of no lines. {REMEDY}"


def _by_account_and_day(through_line: int) -> dict[tuple[str, date], tuple[int, int]]:
    sums = _kept(through_line).values("account", "day")
    sums = sums.annotate(debit=Sum("debits_paise"), credit=Sum("credits_paise"))
    return {(row["account"], row["day"]): (row["debit"], row["credit"]) for row in sums}


def _other_sums(since: BooksProof) -> Iterator[str]:
    last, told = _read(kept)
    lines = LedgerLine.objects.filter(pk__gt=since.through_line, pk__lte=last)
    due = dict(since.balances)
    for row in _by_kind(lines).annotate(**_sides()):
        debits, credits_ = due.get(row["kind"], (0, 0))
        due[row["kind"]] = [debits + row["debits"], credits_ - row["credits"]]
    for account in sorted({*due, *told}):
        if due.get(account) != told.get(account):
            yield f"The totals of {account} are not those that were proved and those of the lines since. {REMEDY}"


def kept(through_line: int) -> dict[str, list[int]]:
    """Return what the totals say of the lines up to this one: debits and credits in paise, by account."""
    sums = _kept(through_line).values("account").annotate(debit=Sum("debits_paise"), credit=Sum("credits_paise"))
    return {row["account"]: [int(row["debit"]), int(row["credit"])] for row in sums}


def _kept(through_line: int) -> QuerySet[LedgerTotal]:
    return LedgerTotal.objects.filter(through_line__lte=through_line)


def counted_through() -> int:
    """Return the last line that is in the totals; no line before it can appear any more."""
    last: int | None = LedgerTotal.objects.aggregate(last=Max("through_line"))["last"]
    return last or 0


def last_key(model: type[Model]) -> int:
    """Return the last key below which no other row of a table can appear any more.

    Numbers are given out before they are committed, so whoever is writing now may still commit a smaller one. On
    PostgreSQL all of them are waited for, a second at most, and it is tried again the next time; SQLite has one writer.

    :raises OperationalError: if somebody writes for longer than that
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            table = connection.ops.quote_name(model._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
                cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        return model._default_manager.aggregate(last=Max("pk"))["last"] or 0


def _is_of_a_person(account: str) -> bool:
    return account.startswith((TENANCIES, OWNERS))


def _by_kind(lines: QuerySet[LedgerLine]) -> Any:
    kind = Case(
        When(account__startswith=TENANCIES, then=Value(ALL_TENANCIES)),
        When(account__startswith=OWNERS, then=Value(ALL_OWNERS)),
        default=F("account"),
        output_field=CharField(),
    )
    return lines.annotate(kind=kind).values("kind")


def _by_day(lines: QuerySet[LedgerLine]) -> list[dict[str, Any]]:
    days = _by_kind(lines).annotate(day=TruncDate("entry__at", tzinfo=INDIA)).values("kind", "day")
    return list(days.annotate(**_sides(), lines=Count("pk")))


def _sides() -> dict[str, Any]:
    amount = "amount_paise"
    return {
        "debits": Sum(amount, filter=Q(amount_paise__gt=0), default=0),
        "credits": Sum(amount, filter=Q(amount_paise__lt=0), default=0),
    }


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, INDIA).astimezone(UTC)

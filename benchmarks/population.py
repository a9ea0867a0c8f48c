"""People, flats and payments by the thousand, written with SQL in the shape in which the product would have.

Row n of each table has the id n, so that one row finds another without looking. Tenancy n is let to tenant n.
"""

import secrets
from collections.abc import Sequence
from hashlib import sha512
from pathlib import Path

from benchmarks.stage import Stage

TENANCIES_PER_OWNER = 50
OWNERS_FROM = 50_000_000  # the ids of owners' users, beyond those of tenants
RENT_PAISE = 15_000_00
TOKEN_KEY_LENGTH = 15  # knox's
SCRIPTS = Path(__file__).with_name("sql")


def settle_people(stage: Stage, tenancies: int) -> None:
    """Let so many flats, each from two years ago, with this month's rent to pay."""
    write(
        stage,
        "people",
        tenancies=tenancies,
        owners=-(-tenancies // TENANCIES_PER_OWNER),
        owners_from=OWNERS_FROM,
        tenancies_per_owner=TENANCIES_PER_OWNER,
        rent=RENT_PAISE,
    )


def open_orders(stage: Stage, orders: int, *, life: int) -> None:
    """Give each of the first tenancies an open order that lives so many seconds."""
    write(stage, "open_orders", orders=orders, life=life, rent=RENT_PAISE)


def log_in(stage: Stage, user_ids: Sequence[int]) -> tuple[str, ...]:
    """Return a token of each user."""
    tokens = [secrets.token_hex(32) for _ in user_ids]
    stage.sql(
        "INSERT INTO knox_authtoken (digest, token_key, user_id, created, expiry) "
        "SELECT digest, token_key, user_id, now(), now() + interval '1 day' "
        "FROM unnest(%s::text[], %s::text[], %s::int[]) AS tokens(digest, token_key, user_id)",
        values=[
            [sha512(token.encode()).hexdigest() for token in tokens],
            [token[:TOKEN_KEY_LENGTH] for token in tokens],
            list(user_ids),
        ],
    )
    return tuple(tokens)


def write(stage: Stage, script: str, **numbers: int) -> None:
    """Run a script, and let what the product writes next take ids beyond its."""
    run_script(stage, script, **numbers)
    run_script(stage, "count_on")
    stage.sql("ANALYZE")


def run_script(stage: Stage, script: str, **names: int | str) -> None:
    stage.sql((SCRIPTS / f"{script}.sql").read_text().format(**names))

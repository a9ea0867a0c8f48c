"""Take over what an owner lets from a CSV file: all of it or nothing, with a sentence for each wrong line."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from core.errors import DomainError
from core.models import Owner, Property, Unit
from core.money import NotAnAmount, paise_from_text
from core.services.lettings.invitations import Person
from core.services.lettings.property import refuse_too_many
from core.services.lettings.tenancies import Terms, let

COLUMNS = (
    "property", "address", "unit", "monthly_rent", "due_day", "tenant_name", "tenant_phone", "tenant_email", "starts_on"
)  # fmt: skip
EXAMPLE = """\
property,address,unit,monthly_rent,due_day,tenant_name,tenant_phone,tenant_email,starts_on
Lakeview House,"12 Lake Road, Pune",Flat 1,15000.00,5,Ravi Kumar,+91 98765 43210,ravi@example.org,2026-04-01
Lakeview House,"12 Lake Road, Pune",Flat 2,18500.00,5,,,,
"""
LONGEST = {"property": 200, "address": 1000, "unit": 100, "tenant_name": 200, "tenant_phone": 20, "tenant_email": 254}
MOST_LINES = 10_000
OF_A_TENANCY = ("monthly_rent", "due_day", "tenant_phone", "tenant_email", "starts_on")


class NotImported(Exception):
    """Nothing was imported.

    :ivar sentences: what is wrong, line by line
    """

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(slots=True)
class Imported:
    """How many there are more now, and the links to hand to tenants without an e-mail address."""

    properties: int = 0
    units: int = 0
    tenancies: int = 0
    links: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, read: a unit, and who rents it if it is let."""

    number: int
    house: str
    address: str
    unit: str
    person: Person | None = None
    terms: Terms | None = None


def import_properties(content: bytes, owner: Owner, *, dry_run: bool, now: datetime) -> Imported:
    """Import a file for an owner, all of it or nothing.

    Properties that are there are used again; a unit that is there is a mistake.

    :raises NotImported: with all that is wrong
    """
    lines = read(content)
    imported = Imported()
    with transaction.atomic():
        owner = Owner.objects.select_for_update().get(pk=owner.pk)
        _import(lines, owner, imported, now=now)
        if dry_run:
            transaction.set_rollback(True)
            imported.links.clear()  # they name nobody
    return imported


def _import(lines: list[Line], owner: Owner, imported: Imported, *, now: datetime) -> None:
    """:raises NotImported: with what is wrong with lines that read well"""
    try:
        refuse_too_many(owner, more=len(lines), now=now)
    except DomainError as refusal:
        raise NotImported([f"The file has {len(lines)} units. {refusal.detail}"]) from None
    houses = {house.name: house for house in owner.properties.order_by("-pk")}
    wrong: list[str] = []
    for line in lines:
        if line.house not in houses:
            houses[line.house] = Property.objects.create(owner=owner, name=line.house, address=line.address)
            imported.properties += 1
        try:
            with transaction.atomic():
                _import_unit(line, houses[line.house], imported, now=now)
        except DomainError as refusal:
            wrong.append(f"Line {line.number}: {refusal.detail}")
    if wrong:
        raise NotImported(wrong)


def _import_unit(line: Line, house: Property, imported: Imported, *, now: datetime) -> None:
    """:raises DomainError: if it is there already, or cannot be let so"""
    if house.units.filter(name=line.unit).exists():
        raise DomainError(f"{house} already has a unit {line.unit}.")
    unit = Unit.objects.create(property=house, name=line.unit)
    if line.person is not None and line.terms is not None:
        _, invited = let(unit, line.person, line.terms, now=now)
        imported.tenancies += 1
        if invited.link:
            imported.links.append((f"{line.person.name} ({unit})", invited.link))
    imported.units += 1


def read(content: bytes) -> list[Line]:
    """:raises NotImported: if the file, or a line of it, cannot be read"""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotImported(["The file is not UTF-8. Save it as CSV UTF-8."]) from None
    if "\0" in text:
        raise NotImported(["The file is no CSV: it has NUL bytes."])
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as problem:
        raise NotImported([f"The file is no CSV: {problem}."]) from None
    _refuse_wrong_shape(rows, text)
    lines, wrong = [], []
    # The number of a row, as a spreadsheet shows it; the heading is row 1.
    for number, row in enumerate(rows, start=2):
        sentences = list(_complaints(row))
        wrong += [f"Line {number}: {sentence}" for sentence in sentences]
        if not sentences:
            lines.append(_line(number, row))
    counted = Counter((line.house, line.unit) for line in lines)
    wrong += [f"{unit} of {house} is in {count} lines." for (house, unit), count in counted.items() if count > 1]
    if wrong:
        raise NotImported(wrong)
    return lines


def _refuse_wrong_shape(rows: list[dict[str, str]], text: str) -> None:
    """:raises NotImported: if the columns are others, or there are no lines or too many"""
    heading = next(csv.reader(io.StringIO(text)), [])
    missing = [column for column in COLUMNS if column not in heading]
    unknown = [column for column in heading if column not in COLUMNS]
    sentences = [f"The column {column} is missing." for column in missing]
    sentences += [f"There is a column {column}, which means nothing here." for column in unknown]
    if not sentences and not rows:
        sentences.append("The file has no lines below its heading.")
    if len(rows) > MOST_LINES:
        sentences.append(f"The file has {len(rows)} lines; import at most {MOST_LINES} at once.")
    if sentences:
        raise NotImported(sentences)


def _complaints(row: Mapping[str, str | None]) -> Iterator[str]:
    """Yield what is wrong with a line."""
    if None in row or None in row.values():
        yield f"This line has {'more' if None in row else 'fewer'} fields than the heading."
        return
    said = {column: (row[column] or "").strip() for column in COLUMNS}
    yield from (f"Give the {column}." for column in ("property", "unit") if not said[column])
    for column, longest in LONGEST.items():
        if len(said[column]) > longest:
            yield f"{column} may have at most {longest} characters."
    if not said["tenant_name"]:
        if given := [column for column in ("tenant_phone", "tenant_email", "starts_on") if said[column]]:
            yield f"There is {' and '.join(given)}, but no tenant_name. A unit that is not let has none of them."
        return
    yield from _complaints_of_tenancy(said)


def _complaints_of_tenancy(said: Mapping[str, str]) -> Iterator[str]:
    try:
        paise_from_text(said["monthly_rent"], what="rent")
    except NotAnAmount as problem:
        yield f"monthly_rent {said['monthly_rent']!r}: {problem}"
    if said["due_day"] and not re.fullmatch(r"0?[1-9]|[12][0-9]|3[01]", said["due_day"], re.ASCII):
        yield f"due_day {said['due_day']!r}: give a day from 1 to 31."
    if _day(said["starts_on"]) is None:
        yield f"starts_on {said['starts_on']!r}: write the day as YYYY-MM-DD, for example 2026-04-01."
    if said["tenant_email"]:
        try:
            validate_email(said["tenant_email"])
        except ValidationError:
            yield f"tenant_email {said['tenant_email']!r} is no e-mail address."


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _line(number: int, row: Mapping[str, str]) -> Line:
    """Return a line of which nothing is wrong."""
    said = {column: row[column].strip() for column in COLUMNS}
    starts_on = _day(said["starts_on"])
    if not said["tenant_name"] or starts_on is None:
        return Line(number, said["property"], said["address"], said["unit"])
    person = Person(said["tenant_name"], said["tenant_phone"], said["tenant_email"])
    terms = Terms(paise_from_text(said["monthly_rent"], what="rent"), int(said["due_day"] or 5), starts_on)
    return Line(number, said["property"], said["address"], said["unit"], person, terms)

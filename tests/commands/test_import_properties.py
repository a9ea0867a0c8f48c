"""manage.py import_properties"""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.management.commands.import_properties import Command
from core.models import Notification, Owner, PricingPlan, Property, RentCharge, Tenancy, Unit, User
from core.services.lettings.importing import EXAMPLE
from tests.people import make_owner
from tests.phonepe import Days

HEADING = EXAMPLE.splitlines()[0]
GOOD = "Lakeview,,{unit},15000.00,5,Ravi,{phone},,2026-04-01"


@pytest.fixture(autouse=True)
def asha(db: None, days: Days) -> Owner:
    return make_owner("asha")


def imports(folder: Path, text: str, *options: str) -> str:
    path, out = folder / "file.csv", StringIO()
    path.write_bytes(text.encode())
    call_command("import_properties", str(path), *options, stdout=out)
    return out.getvalue()


def refused(folder: Path, text: str, *options: str) -> str:
    with pytest.raises(CommandError) as told:
        imports(folder, text, *options)
    counts = [kind.objects.count() for kind in (Property, Unit, Tenancy, Notification)]
    assert counts == [0, 0, 0, 0]
    assert User.objects.count() == 1
    return str(told.value)


class TestImport:
    def test_the_example_of_the_help_can_be_imported(self, tmp_path: Path, asha: Owner) -> None:
        said = imports(tmp_path, EXAMPLE, "--owner", "asha")

        assert said == "1 properties, 2 units, 1 tenancies imported.\n"
        assert Unit.objects.filter(property__owner=asha).count() == 2
        assert RentCharge.objects.get().amount_paise == 15_000_00
        assert Notification.objects.get().recipient == "ravi@example.org"
        assert EXAMPLE in Command().create_parser("manage.py", "import_properties").format_help()

    def test_a_dry_run_writes_nothing(self, tmp_path: Path) -> None:
        said = imports(tmp_path, EXAMPLE, "--dry-run", "--json")

        assert json.loads(said) == {
            "dry_run": True, "imported": False, "properties": 1, "units": 2, "tenancies": 1, "links": [], "errors": [],
        }  # fmt: skip
        assert (Property.objects.count(), User.objects.count(), Notification.objects.count()) == (0, 1, 0)

    def test_who_has_no_address_gets_a_link_to_be_handed(self, tmp_path: Path) -> None:
        said = imports(tmp_path, f"{HEADING}\n{GOOD.format(unit='Flat 1', phone='9811122333')}\n")

        assert "Hand to Ravi (Lakeview, Flat 1): zelton://password?token=" in said

    def test_a_spreadsheets_mark_and_line_ends_are_read(self, tmp_path: Path) -> None:
        assert "2 units" in imports(tmp_path, "\ufeff" + EXAMPLE.replace("\n", "\r\n"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("Lakeview,,,,,,,,", "Line 3: Give the unit."),
            (",,Flat 9,,,,,,", "Line 3: Give the property."),
            ("Lakeview,,Flat 9,0.50,5,Sunita,9811122444,,2026-04-01", "Line 3: monthly_rent '0.50'"),
            ("Lakeview,,Flat 9,15000,32,Sunita,9811122444,,2026-04-01", "Line 3: due_day '32'"),
            ("Lakeview,,Flat 9,15000,5,Sunita,9811122444,,01/04/2026", "Line 3: starts_on '01/04/2026'"),
            ("Lakeview,,Flat 9,15000,5,Sunita,9811122444,,2026-02-30", "Line 3: starts_on '2026-02-30'"),
            ("Lakeview,,Flat 9,15000,5,Sunita,9811122444,,2020-02-01", "Line 3: This is more than 24 months back"),
            ("Lakeview,,Flat 9,15000,5,Sunita,,sunita,2026-04-01", "Line 3: tenant_email 'sunita'"),
            ("Lakeview,,Flat 9,15000,5,Sunita,,,2026-04-01", "Line 3: Give the tenant's phone number or e-mail"),
            ("Lakeview,,Flat 9,15000,5,,9811122444,,2026-04-01", "but no tenant_name"),
            ("Lakeview,,Flat 1,,,,,,", "Flat 1 of Lakeview is in 2 lines."),
            ("Lakeview,,Flat 9", "Line 3: This line has fewer fields"),
            ("Lakeview,,Flat 9,,,,,,,more", "Line 3: This line has more fields"),
        ],
    )
    def test_a_wrong_line_is_named_and_nothing_is_imported(self, tmp_path: Path, line: str, says: str) -> None:
        said = refused(tmp_path, f"{HEADING}\n{GOOD.format(unit='Flat 1', phone='9811122333')}\n{line}\n")

        assert says in said
        assert said.endswith("Nothing was imported.")

    def test_all_wrong_lines_are_named_at_once(self, tmp_path: Path) -> None:
        said = refused(tmp_path, f"{HEADING}\n,,a,,,,,,\nLakeview,,b,,,,,,\nx,,,,,,,,\n")

        assert [line.partition(":")[0] for line in said.splitlines()] == ["Line 2", "Line 4", "Nothing was imported."]

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "The column property is missing."),
            (HEADING, "no lines below its heading"),
            (HEADING + ",colour\nx", "column colour, which means nothing"),
            (HEADING + "\na\0b", "NUL"),
            (HEADING + '\n"a', "The file is no CSV"),
        ],
    )
    def test_so_is_a_wrong_file(self, tmp_path: Path, text: str, says: str) -> None:
        assert says in refused(tmp_path, text)

    def test_the_plans_limit_holds(self, tmp_path: Path) -> None:
        PricingPlan.objects.create(name="Tiny", monthly_price_paise=100, yearly_price_paise=100, max_units=1)

        assert "The file has 2 units. The Tiny plan has 1 units" in refused(tmp_path, EXAMPLE)

    def test_a_second_time_says_what_is_there(self, tmp_path: Path) -> None:
        imports(tmp_path, EXAMPLE)

        with pytest.raises(CommandError, match="Line 2: Lakeview House already has a unit Flat 1"):
            imports(tmp_path, EXAMPLE)
        assert Unit.objects.count() == 2

    def test_an_owner_has_to_be_clear(self, tmp_path: Path) -> None:
        assert "no owner with the user name x" in refused(tmp_path, EXAMPLE, "--owner", "x")
        make_owner("meera")
        with pytest.raises(CommandError, match="name one with --owner"):
            imports(tmp_path, EXAMPLE)

    def test_json_tells_the_sentences(self, tmp_path: Path) -> None:
        out: Any = StringIO()
        path = tmp_path / "file.csv"
        path.write_text(HEADING)

        with pytest.raises(CommandError):
            call_command("import_properties", str(path), "--json", stdout=out)

        assert json.loads(out.getvalue())["errors"] == ["The file has no lines below its heading."]

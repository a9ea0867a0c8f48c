"""manage.py place_suspense: money in suspense is listed, and placed by a named person with a reason."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.errors import InvalidField, OwnPayment, OwnRent
from core.models import (
    ChangeCause,
    Destination,
    EntryKind,
    JournalEntry,
    OperatorAction,
    Payment,
    Settlement,
    SettlementLine,
    SuspensePlacement,
    Tenancy,
)
from core.services import audit
from core.services.ledger.posting import post, record_unknown_refund
from core.services.ledger.suspense import place_suspense, source_of
from core.services.payments import order_status
from core.services.settlements import posting
from core.services.timeline import story_of
from phonepe_simulator import Fault
from tests.admin.desk import Desk, words
from tests.people import Caller
from tests.phonepe import Days, PhonePe


@pytest.fixture
def corrected(payment: Payment, phonepe: PhonePe, days: Days) -> str:
    """PhonePe first said ₹15,000.00 of a payment, and then ₹14,000.00: ₹1,000.00 is missing."""
    phonepe.pays(payment)
    days.tick_for(25)
    phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=-1_000_00))
    order_status.ask_now(payment.transaction, cause=ChangeCause.OPERATOR)
    return f"suspense:{payment.merchant_order_id}"


def paid_out(name: str, lines: list[tuple[int, int, int, int]], days: Days) -> None:
    """Take in a settlement.

    :param lines: of each its amount, fee and tax as PhonePe tells them, and what it takes out of clearing, in paise
    """
    when = {"settled_at": days.now(), "imported_at": days.now()}
    row = Settlement.objects.create(settlement_id=name, state="PROCESSED", has_report=True, **when)
    for number, (amount, fee, tax, clearing) in enumerate(lines):
        SettlementLine.objects.create(
            settlement=row, type="PAYMENT", phonepe_id=f"OMO-{number}", amount_paise=amount, fee_paise=fee,
            tax_paise=tax, net_paise=amount + fee + tax, clearing_paise=clearing, outcome="unknown",
        )  # fmt: skip
    posting.post(row, list(row.lines.all()), now=days.now())


def places(*arguments: str) -> str:
    out = StringIO()
    call_command("place_suspense", *arguments, stdout=out)
    return out.getvalue()


def test_what_waits_is_listed_and_named_by_the_story(corrected: str, payment: Payment) -> None:
    assert corrected in (listed := places())
    assert "1 in suspense." in listed
    (waiting,) = json.loads(places("--json"))["waiting"]
    assert (waiting["source"], waiting["left"], waiting["waits_for_decision"]) == (corrected, "-1000.00", False)
    payment.refresh_from_db()
    todo = " ".join(story_of(payment).next_steps)
    assert f"manage.py place_suspense {corrected}" in todo
    assert "ask PhonePe which is true before anything is refunded" in todo


def test_a_part_and_then_the_rest_is_placed(corrected: str, payment: Payment, operator: Caller, days: Days) -> None:
    to_tenancy = (corrected, "--to", "tenancy", "--tenancy", str(payment.tenancy_id), "--reason", "It never came")
    assert "₹400.00" in places(*to_tenancy, "--amount", "400", "--by", "operator")
    assert json.loads(places(*to_tenancy, "--json")) | {"placement": 0} == {
        "source": corrected, "placement": 0, "placed": "-600.00", "left": "0.00",
    }  # fmt: skip

    assert payment.tenancy.outstanding_paise() == 1_000_00
    first, second = OperatorAction.objects.filter(action="place_suspense").order_by("pk")
    assert (first.name, first.about) == ("operator", f"tenancy:{payment.tenancy_id}")
    assert second.detail == {"amount_paise": -600_00, "destination": "tenancy", "source": corrected}
    placed = SuspensePlacement.objects.order_by("pk").values_list("placed_by", "amount_paise", "reason")
    assert list(placed) == [(operator.user.pk, -400_00, "It never came"), (None, -600_00, "It never came")]
    entry = JournalEntry.objects.filter(kind="placement").earliest("pk")
    assert (entry.description, entry.at) == ("taken back by the bank", days.now())
    assert places() == "Nothing is in suspense.\n"
    assert not list(audit.differences())


@pytest.mark.parametrize("role", ["tenant", "owner"])
def test_nobody_places_it_on_their_own_rent(
    corrected: str, other_tenancy: Tenancy, operator: Caller, days: Days, role: str
) -> None:
    person = other_tenancy.tenant if role == "tenant" else other_tenancy.unit.property.owner
    type(person).objects.filter(pk=person.pk).update(user=operator.user)
    source = source_of(*corrected.split(":"))
    how = {"by": operator.user, "reason": "Ticket 4711", "now": days.now()}

    with pytest.raises(OwnRent):
        place_suspense(source, destination=Destination.TENANCY, amount_paise=1_000_00, tenancy=other_tenancy, **how)


def test_nor_does_who_paid_the_order(corrected: str, tenant: Caller, owner: Caller, days: Days) -> None:
    source = source_of(*corrected.split(":"))
    how = {"destination": Destination.WRITTEN_OFF, "amount_paise": 1_000_00, "reason": "Mine", "now": days.now()}
    for caller in (tenant, owner):
        caller.user.is_staff = caller.user.is_superuser = True
        caller.user.save()

    with pytest.raises(OwnPayment):
        place_suspense(source, by=tenant.user, **how)
    assert place_suspense(source, by=owner.user, **how).amount_paise == -1_000_00
    assert OperatorAction.objects.get(action="place_suspense").about == corrected


def test_one_that_somebody_has_placed_meanwhile_is_looked_at_again(corrected: str, days: Days) -> None:
    seen = source_of(*corrected.split(":"))
    places(corrected, "--to", "written_off", "--amount", "400", "--reason", "It never came")
    how = {"destination": Destination.WRITTEN_OFF, "by": "operator", "reason": "It never came", "now": days.now()}

    with pytest.raises(InvalidField, match=r"At most ₹600\.00 is left .* changed since you looked"):
        place_suspense(seen, amount_paise=600_00, **how)
    with pytest.raises(InvalidField, match=r"At most ₹600\.00 is left in suspense of this\.$"):
        place_suspense(source_of(*corrected.split(":")), amount_paise=0, **how)


def test_the_audit_tells_of_a_placement_of_which_the_books_say_otherwise(corrected: str, days: Days) -> None:
    places(corrected, "--to", "written_off", "--reason", "It never came")
    SuspensePlacement.objects.update(amount_paise=-999_00)

    (difference,) = audit.differences()
    assert "took -₹999.00 out of suspense, the ledger says -₹1,000.00." in difference
    SuspensePlacement.objects.create(
        source_kind="suspense", source_subject="ZLT-other", destination="written_off", amount_paise=-1,
        reason="Made up", placed_at=days.now(),
    )  # fmt: skip
    assert "took -₹0.01 out of suspense, the ledger says ₹0.00." in " ".join(audit.differences())
    SuspensePlacement.objects.filter(source_subject="ZLT-other").delete()
    SuspensePlacement.objects.update(amount_paise=-1_000_00, source_subject="ZLT-nobodys")
    assert "₹1,000.00 more was placed of suspense:ZLT-nobodys than is in suspense." in " ".join(audit.differences())


def test_the_audit_tells_of_what_was_placed_and_is_not_in_suspense_any_more(
    corrected: str, payment: Payment, phonepe: PhonePe, operator: Caller, days: Days
) -> None:
    places(corrected, "--to", "tenancy", "--tenancy", str(payment.tenancy_id), "--reason", "It never came")
    for _ in ("all of it", "what is new"):
        days.pass_by(3 * 24 * 3600)
        assert audit.check_and_alert(now=days.now()) == []
    phonepe.simulator.faults.clear()
    days.pass_by(3 * 24 * 3600)
    payment.transaction.refresh_from_db()
    order_status.ask_now(payment.transaction, cause=ChangeCause.OPERATOR)  # it did come, after all

    (difference,) = audit.differences()
    assert f"₹1,000.00 more was placed of {corrected} than is in suspense." in difference
    (found,) = audit.check_and_alert(now=days.now())
    assert found == difference


def test_a_nights_audit_tells_of_too_much_that_was_placed_since_the_last(corrected: str, days: Days) -> None:
    assert audit.check_and_alert(now=days.now()) == []
    placement = SuspensePlacement.objects.create(
        source_kind="suspense", source_subject=corrected.partition(":")[2], destination="written_off",
        amount_paise=-3_000_00, reason="Made up", placed_at=days.now(),
    )  # fmt: skip
    lines = {"suspense": -3_000_00, "written_off": 3_000_00}
    post(EntryKind.PLACEMENT, str(placement.pk), "Made up", lines, at=days.now())

    (found,) = audit.check_and_alert(now=days.now())
    assert f"₹2,000.00 more was placed of {corrected} than is in suspense." in found


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--to", "written_off"), "Say where it goes"),
        (("--to", "written_off", "--reason", "r", "--amount", "1000.01"), "At most ₹1,000.00 is left"),
        (("--to", "payer", "--reason", "r"), "nothing to give back"),
        (("--to", "tenancy", "--reason", "r"), "Name the tenancy"),
        (("--to", "tenancy", "--reason", "r", "--tenancy", "99999"), "There is no such tenancy"),
        (("--to", "written_off", "--reason", "r", "--by", "asha"), "permission core.place_suspense"),
        (("--to", "written_off", "--reason", "r", "--amount", "much"), "give an amount"),
    ],
)
def test_wrong_input_gets_a_sentence(corrected: str, arguments: Any, problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        places(corrected, *arguments)


def test_what_came_with_a_mismatched_order_waits_for_its_own_decision(
    payment: Payment, phonepe: PhonePe, days: Days
) -> None:
    phonepe.simulator.faults.add(Fault("wrong_amount", "order_status", value=-1_000_00))
    phonepe.pays(payment)
    days.tick_for(25)

    (waiting,) = json.loads(places("--json"))["waiting"]
    assert (waiting["left"], waiting["waits_for_decision"]) == ("14000.00", True)
    record_unknown_refund((payment.merchant_order_id,), "SOMEBODYS", 2_000_00, at=days.now())
    assert not source_of("unknown_refund", payment.merchant_order_id).waits_for_decision
    with pytest.raises(CommandError, match="on the order's page"):
        places(waiting["source"], "--to", "written_off", "--reason", "r")


def test_a_refund_that_is_called_as_an_order_of_ours_is_placed_for_itself(
    corrected: str, payment: Payment, days: Days
) -> None:
    record_unknown_refund((payment.merchant_order_id,), "SOMEBODYS", 2_000_00, at=days.now())
    assert "2 in suspense." in places()

    for source in (f"unknown_refund:{payment.merchant_order_id}", corrected):
        places(source, "--to", "written_off", "--reason", "Nobody knows whose it is")

    assert places() == "Nothing is in suspense.\n"
    assert set(SuspensePlacement.objects.values_list("amount_paise", flat=True)) == {-2_000_00, -1_000_00}


def test_each_is_found_by_its_own_name(corrected: str, days: Days) -> None:
    for name, paise in (("OMR-1", 2_000_00), ("OMR-2", 3_000_00), ("OMR-3", 4_000_00)):
        record_unknown_refund((name,), "SOMEBODYS", paise, at=days.now())

    left = [source_of("unknown_refund", f"OMR-{number}").left_paise for number in (1, 2, 3)]
    assert left == [-2_000_00, -3_000_00, -4_000_00]


@pytest.mark.parametrize("source", ["settlement:NOTHING", "suspense:", "nothing", "capture:X"])
def test_a_source_that_there_is_not(db: None, source: str) -> None:
    with pytest.raises(CommandError, match="no such"):
        places(source, "--to", "written_off", "--reason", "r")


class TestPartsThatCancelOut:
    """A settlement paid ₹1,000.00 of somebody unknown and took ₹1,000.00 of a payment back: its sum is nothing."""

    @pytest.fixture
    def settlement(self, days: Days, db: None) -> str:
        when = {"settled_at": days.now(), "imported_at": days.now() + timedelta(days=1)}
        row = Settlement.objects.create(settlement_id="S-1", state="PROCESSED", has_report=True, **when)
        for kind, outcome, paise in (("PAYMENT", "unknown", 1_000_00), ("CHARGEBACK", "chargeback", -1_000_00)):
            SettlementLine.objects.create(
                settlement=row, type=kind, phonepe_id=kind, amount_paise=paise, fee_paise=0, tax_paise=0,
                net_paise=paise, outcome=outcome,
            )  # fmt: skip
        posting.post(row, list(row.lines.all()), now=days.now())
        return f"settlement:{row}"

    def test_each_is_placed_for_itself(self, settlement: str, tenancy: Tenancy) -> None:
        assert "1 in suspense." in places()
        row = Settlement.objects.get()
        assert "₹1,000.00 is held and ₹1,000.00 is missing, in suspense" in " ".join(story_of(row).next_steps)

        to_tenancy = ("--to", "tenancy", "--tenancy", str(tenancy.pk), "--reason", "Named by the bank")
        assert "₹0.01 of it is left" in places(settlement, "--part", "held", "--amount", "999.99", *to_tenancy)
        assert "₹0.01 to a tenancy" in places(settlement, "--part", "held", *to_tenancy)
        assert tenancy.outstanding_paise() == 14_000_00
        entries = JournalEntry.objects.filter(kind="placement").values_list("description", flat=True)
        assert set(entries) == {"money that could not be assigned at first"}
        assert not list(audit.differences())
        with pytest.raises(CommandError, match=r"At most ₹0\.00 is left"):
            places(settlement, "--part", "held", "--amount", "1", *to_tenancy)
        to_payer = ("--to", "payer", "--reference", "U1", "--reason", "r")
        with pytest.raises(CommandError, match=r"At most ₹0\.00 is left"):
            places(settlement, "--part", "held", "--amount", "1", *to_payer)
        places(settlement, "--part", "missing", "--to", "written_off", "--reason", "The dispute is lost")

        assert places() == "Nothing is in suspense.\n"
        assert not list(audit.differences())

    def test_a_part_of_one_side_leaves_the_rest_of_both_although_they_cancel_out(
        self, settlement: str, days: Days
    ) -> None:
        """₹300.00 were taken back of ₹1,000.00 that came: whoever placed ₹700.00 of these has not placed the rest."""
        row = Settlement.objects.get()
        row.lines.filter(type="CHARGEBACK").update(amount_paise=-300_00, net_paise=-300_00)
        posting.post(row, list(row.lines.all()), now=days.now())

        places(settlement, "--part", "held", "--amount", "700", "--to", "written_off", "--reason", "Nobody asks for it")

        assert source_of(*settlement.split(":")).what_is_left == "₹300.00 is held and ₹300.00 is missing"
        for part in ("held", "missing"):
            places(settlement, "--part", part, "--to", "written_off", "--reason", "Nobody asks for it")
        assert places() == "Nothing is in suspense.\n"
        assert not list(audit.differences())

    def test_what_is_left_when_they_are_one_ends_both(self, settlement: str, days: Days) -> None:
        row = Settlement.objects.get()
        row.lines.filter(type="CHARGEBACK").update(amount_paise=-300_00, net_paise=-300_00)
        posting.post(row, list(row.lines.all()), now=days.now())

        with pytest.raises(CommandError, match="nothing to give back"):
            places(settlement, "--part", "missing", "--to", "payer", "--reference", "U1", "--reason", "r")
        for amount in ("400", "300"):
            places(settlement, "--amount", amount, "--to", "written_off", "--reason", "Nobody asks for it")

        assert places() == "Nothing is in suspense.\n"

    def test_which_has_to_be_said_and_only_what_is_held_goes_back(self, settlement: str) -> None:
        with pytest.raises(CommandError, match="Its parts cancel out"):
            places(settlement, "--to", "written_off", "--reason", "r", "--amount", "1")
        with pytest.raises(CommandError, match="nothing to give back"):
            places(settlement, "--part", "missing", "--to", "payer", "--reference", "U1", "--reason", "r")

    @pytest.mark.parametrize(
        ("payout", "left"),
        [
            (1_700_00, "₹1,000.00 is held and ₹1,000.00 is missing"),
            (1_750_00, "₹1,050.00 is held and ₹1,000.00 is missing"),
            (1_650_00, "₹1,000.00 is held and ₹1,050.00 is missing"),
        ],
    )
    def test_what_the_payout_is_more_or_less_than_its_lines_make_is_a_part_of_it(
        self, settlement: str, payout: int, left: str, days: Days
    ) -> None:
        row = Settlement.objects.get()
        SettlementLine.objects.create(
            settlement=row, type="PAYMENT", phonepe_id="OMO-1", amount_paise=1_700_00, fee_paise=0, tax_paise=0,
            net_paise=1_700_00, clearing_paise=1_700_00, outcome="matched",
        )  # fmt: skip
        row.amount_paise = payout
        row.save()
        posting.post(row, list(row.lines.all()), now=days.now())

        assert source_of(*settlement.split(":")).what_is_left == left

    def test_what_is_held_goes_back_to_its_payer_by_a_transfer(self, settlement: str) -> None:
        to_payer = (settlement, "--part", "held", "--to", "payer", "--reason", "Not ours")
        with pytest.raises(CommandError, match="Give the UTR"):
            places(*to_payer)

        places(*to_payer, "--reference", "HDFC0001")

        entry = JournalEntry.objects.get(kind="placement")
        assert entry.description == "Paid back to the payer, HDFC0001"
        assert dict(entry.lines.values_list("account", "amount_paise")) == {"suspense": 1_000_00, "bank": -1_000_00}

    @pytest.mark.parametrize(
        ("lines", "left"),
        [
            ([(1_000_00, -20_00, -3_60, 0)], "₹976.40 is held"),
            ([(1_000_00, -20_00, -3_60, 900_00)], "₹100.00 is held"),
            ([(1_000_00, -20_00, -3_60, 1_100_00)], "₹100.00 is missing"),
            ([(1_000_00, -20_00, -3_60, 1_000_00), (-1_000_00, 0, 0, 0)], "₹1,000.00 is missing"),
            ([(976_40, 0, 0, 0), (-1_000_00, 20_00, 3_60, 0)], "₹976.40 is held and ₹976.40 is missing"),
            ([(1, 0, 0, 0), (-1, 0, 0, 0)], "₹0.01 is held and ₹0.01 is missing"),
            ([(1, 0, 0, 0)], "₹0.01 is held"),
            ([(-1, 0, 0, 0)], "₹0.01 is missing"),
        ],
    )
    def test_what_lines_with_fees_leave_is_told_to_the_paisa(
        self, db: None, days: Days, lines: list[tuple[int, int, int, int]], left: str
    ) -> None:
        paid_out("S-2", lines, days)

        assert source_of("settlement", "S-2").what_is_left == left

    def test_a_payout_that_is_less_than_its_lines_lacks_the_rest_beside_a_part_of_a_paisa(
        self, db: None, days: Days
    ) -> None:
        paid_out("S-2", [(1, 0, 0, 0)], days)
        row = Settlement.objects.get()
        row.amount_paise = -4
        row.save()
        posting.post(row, list(row.lines.all()), now=days.now())

        assert source_of("settlement", "S-2").what_is_left == "₹0.01 is held and ₹0.05 is missing"

    def test_a_settlement_that_is_all_ours_has_nothing_to_place(self, db: None, days: Days) -> None:
        paid_out("S-2", [(1_000_00, -20_00, -3_60, 1_000_00)], days)

        with pytest.raises(CommandError, match="no such"):
            places("settlement:S-2", "--to", "written_off", "--reason", "r")

    @pytest.mark.parametrize(
        ("held", "missing", "placed", "left"),
        [
            (1_000_00, -300_00, "missing", "₹1,000.00 is held"),
            (300_00, -1_000_00, "held", "₹1,000.00 is missing"),
        ],
    )
    def test_who_places_all_of_the_lesser_side_has_not_placed_too_much(
        self, db: None, days: Days, held: int, missing: int, placed: str, left: str
    ) -> None:
        paid_out("S-2", [(held, 0, 0, 0), (missing, 0, 0, 0)], days)

        places("settlement:S-2", "--part", placed, "--to", "written_off", "--reason", "Nobody asks for it")

        assert source_of("settlement", "S-2").what_is_left == left
        assert not list(audit.differences())

    def test_one_of_which_no_payout_is_told_stands_where_it_was_imported(self, settlement: str, days: Days) -> None:
        for name, later in (("S-0", timedelta(days=2)), ("S-2", timedelta(days=-1))):
            paid_out(name, [(500_00, 0, 0, 0), (-500_00, 0, 0, 0)], days)
            Settlement.objects.filter(settlement_id=name).update(settled_at=None, imported_at=days.now() + later)

        listed = json.loads(places("--json"))["waiting"]

        assert [each["source"] for each in listed] == ["settlement:S-2", settlement, "settlement:S-0"]
        left = {name: source_of("settlement", name).held_paise for name in ("S-0", "S-1", "S-2")}
        assert left == {"S-0": 500_00, "S-1": 1_000_00, "S-2": 500_00}

    @pytest.mark.parametrize("told", [{"state": "ATTEMPT_FAILED"}, {"has_report": False}])
    def test_of_what_was_not_paid_out_nothing_is_to_be_placed(self, settlement: str, told: dict[str, Any]) -> None:
        Settlement.objects.update(**told)

        assert places() == "Nothing is in suspense.\n"

    @pytest.mark.parametrize(
        ("side", "gone", "left"),
        [("held", "PAYMENT", "₹2,000.00 is missing"), ("missing", "CHARGEBACK", "₹2,000.00 is held")],
    )
    def test_one_that_was_placed_and_is_then_reported_no_more_goes_the_other_way(
        self, settlement: str, days: Days, side: str, gone: str, left: str
    ) -> None:
        places(settlement, "--part", side, "--to", "written_off", "--reason", "Nobody asks for it")
        row = Settlement.objects.get()
        row.lines.filter(type=gone).delete()
        posting.post(row, list(row.lines.all()), now=days.now())

        assert source_of(*settlement.split(":")).what_is_left == left
        assert f"more was placed of {settlement} than is in suspense" in " ".join(audit.differences())
        other = left.rpartition(" ")[2]
        assert "₹2,000.00" in places(settlement, "--part", other, "--to", "written_off", "--reason", "It was nobody's")
        assert places() == "Nothing is in suspense.\n"
        assert not list(audit.differences())

    @pytest.mark.parametrize(("beyond", "word"), [(1, "more"), (-1, "less")])
    def test_its_parts_and_what_was_placed_of_them_are_named(
        self, settlement: str, days: Days, beyond: int, word: str
    ) -> None:
        other = Settlement.objects.create(
            settlement_id="S-2", state="PROCESSED", has_report=True, imported_at=days.now() + timedelta(days=2)
        )
        SettlementLine.objects.create(
            settlement=other, type="REFUND", phonepe_id="OMR2", amount_paise=-7, fee_paise=0, tax_paise=0,
            net_paise=-7, outcome="unknown", remark="not in our books",
        )  # fmt: skip
        row = Settlement.objects.get(settlement_id="S-1")
        row.amount_paise = beyond
        row.save()
        for each in (row, other):
            posting.post(each, list(each.lines.all()), now=days.now())
        for amount in ("400", "50"):
            places(settlement, "--part", "held", "--amount", amount, "--to", "written_off", "--reason", "Nobody's")
        SuspensePlacement.objects.filter(amount_paise=50_00).update(placed_at=days.now() - timedelta(hours=1))
        places("settlement:S-2", "--amount", "0.03", "--to", "written_off", "--reason", "Not worth asking")
        SuspensePlacement.objects.create(
            source_kind="suspense", source_subject="S-1", destination="written_off", amount_paise=-1,
            reason="Of an order of that name", placed_at=days.now(),
        )  # fmt: skip

        came, went = "PAYMENT (PAYMENT) ₹1,000.00, net ₹1,000.00", "CHARGEBACK (CHARGEBACK) -₹1,000.00, net -₹1,000.00"
        parts = {each["source"]: each["parts"] for each in json.loads(places("--json"))["waiting"]}

        assert parts == {
            "settlement:S-1": [
                {"amount": "1000.00", "what": f"PAYMENT {came}: unknown: about nothing in our books"},
                {"amount": "-1000.00", "what": f"CHARGEBACK {went}: chargeback: an operator decides"},
                {"amount": f"{beyond / 100:.2f}", "what": f"PhonePe paid out {word} than its lines make"},
                {"amount": "-50.00", "what": "placed, written off"},  # by another machine's clock, earlier
                {"amount": "-400.00", "what": "placed, written off"},
            ],
            "settlement:S-2": [
                {"amount": "-0.07", "what": "REFUND OMR2 (OMR2) -₹0.07, net -₹0.07: not in our books"},
                {"amount": "0.03", "what": "placed, written off"},
            ],
        }

    def test_what_was_placed_of_a_payout_that_is_taken_back_is_named(self, settlement: str, days: Days) -> None:
        row = Settlement.objects.get()
        row.lines.filter(type="CHARGEBACK").update(amount_paise=-300_00, net_paise=-300_00)
        posting.post(row, list(row.lines.all()), now=days.now())
        places(settlement, "--part", "held", "--amount", "400", "--to", "written_off", "--reason", "Nobody asks for it")
        row.state = "ATTEMPT_FAILED"
        row.save()
        posting.post(row, list(row.lines.all()), now=days.now())

        (waiting,) = json.loads(places("--json"))["waiting"]

        assert waiting["left"] == "-400.00"
        assert waiting["parts"] == [{"amount": "-400.00", "what": "placed, written off"}]

    @pytest.mark.parametrize(("count", "last"), [(50, "0.50"), (51, "1.01"), (52, "1.53")])
    def test_fifty_are_named_the_last_as_a_sum_of_all_others(self, count: int, last: str, days: Days, db: None) -> None:
        row = Settlement.objects.create(settlement_id="S-1", state="PROCESSED", has_report=True, imported_at=days.now())
        SettlementLine.objects.bulk_create(
            SettlementLine(
                settlement=row, type="PAYMENT", phonepe_id=f"OMO{paise}", amount_paise=paise, fee_paise=0, tax_paise=0,
                net_paise=paise, outcome="unknown", remark="not in our books",
            )
            for paise in range(1, count + 1)
        )  # fmt: skip

        (waiting,) = json.loads(places("--json"))["waiting"]

        *named, rest = waiting["parts"]
        assert [part["amount"] for part in named] == [f"{paise / 100:.2f}" for paise in range(1, 50)]
        assert rest["amount"] == last
        assert ("more; the settlement's page lists all lines" in rest["what"]) == (count > 50)
        assert count == 50 or rest["what"].startswith(f"{count - 49} more;")

    def test_the_oldest_is_listed_first(self, settlement: str, corrected: str) -> None:
        listed = json.loads(places("--json"))["waiting"]

        assert [each["source"] for each in listed] == [settlement, corrected]

    def test_the_admin_places_them_too(self, settlement: str, operator: Caller) -> None:
        desk, page = Desk(operator.user), "/admin/core/suspenseplacement/"
        assert "₹1,000.00 is held and ₹1,000.00 is missing" in words(desk.browser.get(page))
        asked = words(desk.browser.get(f"{page}place/settlement/S-1/"))
        assert "It is made of: ₹1,000.00: PAYMENT" in asked
        assert "-₹1,000.00: CHARGEBACK" in asked

        for side in ("held", "missing"):
            answers = {"side": side, "amount": "1000", "destination": "written_off", "reason": "Nobody asks for it"}
            form = {"confirmed": "yes", **answers}
            assert desk.browser.post(f"{page}place/settlement/S-1/", form).status_code == 302

        assert "Nothing is in suspense." in words(desk.browser.get(page))
        assert SuspensePlacement.objects.count() == 2
        assert not list(audit.differences())

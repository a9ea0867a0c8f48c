"""The journal tells what moved once, and the trial balance is in balance on every day."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from core.models import EntryKind, JournalEntry, LedgerLine, LedgerTotal, Payment
from core.models.ledger_accounts import owner_payable
from core.services.ledger import balances, posting
from core.services.ledger.balances import Balance, add_up, balance_of, trial_balance
from core.services.locks import wait_turn
from tests.admin.desk import Desk, words
from tests.phonepe import Days, PhonePe


@pytest.fixture
def paid(payment: Payment, phonepe: PhonePe, days: Days) -> Payment:
    phonepe.pays(payment)
    days.tick_for(25)
    return payment


def test_a_capture_moves_its_amount_once(desk: Desk, paid: Payment) -> None:
    entry = JournalEntry.objects.get(kind="capture")

    for page in (words(desk.looks_at(JournalEntry)), words(desk.looks_at(entry))):
        assert "₹15,000.00" in page
        assert "₹30,000.00" not in page


def test_an_entry_is_found_by_its_order(desk: Desk, paid: Payment) -> None:
    assert "1 journal entry" in words(desk.looks_at(JournalEntry, q=paid.merchant_order_id))


class TestTrialBalance:
    def test_it_balances_and_names_the_accounts(self, desk: Desk, paid: Payment) -> None:
        page = words(desk.browser.get("/admin/trial-balance/"))

        assert "in balance" in page
        assert "phonepe_clearing ₹15,000.00 ₹0.00 ₹15,000.00" in page
        assert "payable to owners ₹0.00 ₹15,000.00 ₹15,000.00" in page

    def test_a_day_before_has_nothing_of_it(self, desk: Desk, paid: Payment) -> None:
        assert "phonepe_clearing" not in words(desk.browser.get("/admin/trial-balance/", {"on": "2026-04-09"}))
        assert "phonepe_clearing" in words(desk.browser.get("/admin/trial-balance/", {"on": "2026-04-10"}))

    def test_it_tells_the_balance_of_one_account(self, desk: Desk, paid: Payment) -> None:
        account = LedgerLine.objects.filter(account__startswith="owner:").values_list("account", flat=True)[0]

        page = words(desk.browser.get("/admin/trial-balance/", {"account": account}))

        assert "Balance now: ₹15,000.00 credit" in page

    @pytest.mark.parametrize(
        "query", [{"on": "someday"}, {"on": "2026-02-30"}, {"on": "9999-12-31"}, {"on": "0001-01-01"}]
    )
    def test_what_is_no_day_is_said(self, desk: Desk, paid: Payment, query: dict[str, str]) -> None:
        page = desk.browser.get("/admin/trial-balance/", query)

        assert page.status_code == 200
        assert "is no day" in words(page)

    def test_books_that_are_off_are_shown_to_be(self, desk: Desk, paid: Payment) -> None:
        rows = [Balance("phonepe_clearing", 100, 0)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("core.admin.trial_balance.trial_balance", lambda **_: rows)
            page = words(desk.browser.get("/admin/trial-balance/"))

        assert "out of balance by ₹1.00" in page


class TestTotals:
    """Balances are read from totals that were kept, and the lines since: the same as from all lines."""

    @pytest.fixture
    def added_up(self, paid: Payment) -> list[Balance]:
        before = trial_balance()
        assert add_up() == LedgerLine.objects.count()
        return before

    def test_they_change_no_balance(self, added_up: list[Balance], days: Days) -> None:
        assert trial_balance() == added_up
        assert balance_of("phonepe_clearing") == Balance("phonepe_clearing", 15_000_00, 0)
        owner = owner_payable(Payment.objects.get().tenancy.unit.property.owner_id)
        assert balance_of(owner) == Balance(owner, 0, 15_000_00)
        assert [trial_balance(through=date(2026, 4, day)) != [] for day in (9, 10)] == [False, True]
        assert add_up() == 0

    def test_what_is_posted_for_an_earlier_day_counts_on_that_day(self, added_up: list[Balance], days: Days) -> None:
        lines = {"bank": 100, "phonepe_clearing": -100}
        posting.post(EntryKind.SETTLEMENT, "S1", "Late", lines, at=days.now() - timedelta(days=3))

        for _ in ("not added up yet", "added up"):
            assert Balance("bank", 100, 0) in trial_balance(through=date(2026, 4, 7))
            assert trial_balance(through=date(2026, 4, 6)) == []
            assert Balance("phonepe_clearing", 15_000_00, 100) in trial_balance()
            add_up()

    def test_a_day_ends_at_midnight_in_india(self, added_up: list[Balance]) -> None:
        late = datetime(2026, 4, 10, 18, 29, 59, tzinfo=UTC)
        posting.post(EntryKind.SETTLEMENT, "S1", "Before", {"bank": 1, "gst": -1}, at=late)
        posting.post(EntryKind.SETTLEMENT, "S2", "After", {"bank": 2, "gst": -2}, at=late + timedelta(seconds=1))
        add_up()

        on_days = [trial_balance(through=date(2026, 4, day)) for day in (10, 11)]
        assert [balance.debits for day in on_days for balance in day if balance.account == "bank"] == [1, 3]

    def test_the_same_amount_before_and_after_counts_twice(self, added_up: list[Balance], days: Days) -> None:
        posting.post(EntryKind.SETTLEMENT, "S1", "Before", {"bank": 5, "gst": -5}, at=days.now())
        add_up()
        posting.post(EntryKind.SETTLEMENT, "S2", "After", {"bank": 5, "gst": -5}, at=days.now())

        assert balance_of("bank") == Balance("bank", 10, 0)
        assert balance_of("gst") == Balance("gst", 0, 10)

    def test_nothing_was_posted_to_an_account_that_nobody_knows(self, added_up: list[Balance]) -> None:
        assert balance_of("nobody") == Balance("nobody", 0, 0)

    def test_what_is_posted_while_they_are_added_up_counts_once(
        self, added_up: list[Balance], days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def posts_meanwhile(_: str) -> None:
            posting.post(EntryKind.SETTLEMENT, "S2", "Meanwhile", {"bank": 5, "gst": -5}, at=days.now())

        posting.post(EntryKind.SETTLEMENT, "S1", "Before", {"bank": 7, "gst": -7}, at=days.now())
        monkeypatch.setattr(balances, "wait_turn", posts_meanwhile)

        for _ in ("what came before", "the rest"):
            assert add_up() == 2
            assert balance_of("bank") == Balance("bank", 12, 0)

    def test_who_waits_to_make_them_anew_does_not_fall_behind_another(
        self, added_up: list[Balance], days: Days, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def another_adds_up(_: str) -> None:
            monkeypatch.setattr(balances, "wait_turn", wait_turn)
            posting.post(EntryKind.SETTLEMENT, "S1", "Meanwhile", {"bank": 5, "gst": -5}, at=days.now())
            assert add_up() == 2

        monkeypatch.setattr(balances, "wait_turn", another_adds_up)

        assert add_up(anew=True) == LedgerLine.objects.count()
        assert balances.counted_through() == LedgerLine.objects.latest("pk").pk
        assert balance_of("bank") == Balance("bank", 5, 0)

    @pytest.mark.parametrize("anew", [False, True])
    def test_a_balance_is_exact_although_they_are_made_while_it_is_read(
        self, added_up: list[Balance], days: Days, monkeypatch: pytest.MonkeyPatch, anew: bool
    ) -> None:
        posting.post(EntryKind.SETTLEMENT, "S1", "One more", {"bank": 7, "gst": -7}, at=days.now())
        count, made = balances.counted_through, []

        def counted_and_then_made() -> int:
            last = count()
            monkeypatch.setattr(balances, "counted_through", count)
            made.append(add_up(anew=anew))
            return last

        monkeypatch.setattr(balances, "counted_through", counted_and_then_made)

        assert balance_of("bank") == Balance("bank", 7, 0)
        assert made

    def test_totals_that_are_wrong_are_found_and_mended(self, added_up: list[Balance]) -> None:
        LedgerTotal.objects.filter(account="phonepe_clearing").update(debits_paise=1)
        LedgerTotal.objects.filter(account="rent_billed").update(account="nobody")
        with pytest.raises(CommandError):
            call_command("check_books", stdout=(out := StringIO()))
        assert "The totals of phonepe_clearing on 2026-04-10 are not those of its lines." in out.getvalue()
        assert "The totals of nobody on 2026-04-10 are of no lines." in out.getvalue()

        call_command("check_books", "--add-up-anew", stdout=StringIO())
        assert trial_balance() == added_up

    def test_two_cannot_add_up_the_same_lines(self, added_up: list[Balance]) -> None:
        first = LedgerTotal.objects.order_by("pk")[0]
        first.pk = None
        first.through_line += 10
        with pytest.raises(IntegrityError), transaction.atomic():
            first.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_a_line_that_is_committed_later_is_not_left_out() -> None:
    """Its number was given out before that of a line which is there already."""
    now = datetime(2026, 4, 10, tzinfo=UTC)
    begun, may_commit = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            posting.post(EntryKind.SETTLEMENT, "SLOW", "Slow", {"bank": 5, "gst": -5}, at=now)
            begun.set()
            may_commit.wait(20)
        connection.close()

    writer = Thread(target=slow)
    writer.start()
    begun.wait(20)
    try:
        with transaction.atomic():
            posting.post(EntryKind.SETTLEMENT, "QUICK", "Quick", {"bank": 7, "gst": -7}, at=now)
        assert add_up() == 0  # somebody is posting: the next time will do
    finally:
        may_commit.set()
        writer.join()
    assert add_up() == 4
    assert balance_of("bank") == Balance("bank", 12, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_one_adds_up_at_a_time() -> None:
    with transaction.atomic():
        posting.post(EntryKind.SETTLEMENT, "S1", "S1", {"bank": 5, "gst": -5}, at=datetime(2026, 4, 10, tzinfo=UTC))
    added: list[int] = []

    def adds_up() -> None:
        added.append(add_up())
        connection.close()

    second = Thread(target=adds_up)
    with transaction.atomic():
        wait_turn("ledger totals")
        second.start()
        second.join(0.5)
        assert added == []
    second.join(20)
    assert added == [2]

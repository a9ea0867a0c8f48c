"""Whatever has happened, no answer of the control API is longer than a page, and the pages together are complete."""

import re
from threading import Thread

import pytest

from phonepe_simulator.control import control, listings, settlements
from phonepe_simulator.control.pages import DEFAULT_LIMIT, LARGEST_LIMIT
from tests.simulator.people import paid, read


def page(merchant, path):
    answer = merchant.control("GET", path)
    assert answer.status == 200, answer.body
    found = re.fullmatch(r'</_simulator(/[^>]+)>; rel="next"', answer.headers.get("Link", ""))
    return read(answer), found and found[1]


def all_pages(merchant, path):
    pages = []
    while path:
        documents, path = page(merchant, path)
        pages.append(documents)
    return pages


@pytest.fixture
def busy(merchant):
    """A merchant with seven orders, of which each was asked about."""
    for number in range(7):
        paid(merchant, f"RENT-{number}")
        merchant.status(f"RENT-{number}")
    merchant.sim.tick()
    return merchant


@pytest.mark.parametrize(
    ("path", "key", "count"),
    [("/orders", "merchant_order_id", 7), ("/webhooks", "merchant_order_id", 7), ("/calls", "path", 15)],
)
def test_the_pages_together_are_the_list(busy, path, key, count):
    whole = [document[key] for document in page(busy, path)[0]]

    pages = all_pages(busy, f"{path}?limit=3")

    assert len(whole) == count
    assert [document[key] for documents in pages for document in documents] == whole
    assert {len(documents) for documents in pages[:-1]} == {3}


def test_the_record_comes_in_pages_too(busy):
    record = {}
    for part in all_pages(busy, "/record?limit=2"):
        assert len(part) <= 2
        record |= part

    assert record == busy.sim.record()


def test_refunds_and_settlements_come_in_pages_too(busy):
    for number in range(3):
        busy.refund(f"BACK-{number}", 100, f"RENT-{number}")
        busy.sim.settle()
        paid(busy, f"LATE-{number}")

    for path in ("/refunds", "/settlements"):
        assert [len(documents) for documents in all_pages(busy, f"{path}?limit=2")] == [2, 1]


def test_a_page_that_ends_with_the_list_has_no_next(busy):
    assert page(busy, "/orders?limit=7")[1] is None
    assert page(busy, "/orders?limit=6")[1] == "/orders?limit=6&cursor=6"


def test_without_a_limit_a_page_has_a_hundred(merchant):
    for number in range(DEFAULT_LIMIT + 1):
        merchant.pay(merchant_order_id=f"RENT-{number}")

    documents, following = page(merchant, "/orders")

    assert (len(documents), following) == (DEFAULT_LIMIT, f"/orders?limit={DEFAULT_LIMIT}&cursor={DEFAULT_LIMIT}")


def test_a_filter_goes_along_to_the_next_page(busy):
    documents, following = page(busy, "/calls?name=order_status&limit=2")

    assert [document["merchant_order_id"] for document in documents] == ["RENT-0", "RENT-1"]
    assert "name=order_status" in following
    rest = [document for documents in all_pages(busy, following) for document in documents]
    assert [document["name"] for document in rest] == ["order_status"] * 5


def test_what_comes_meanwhile_is_on_the_last_page(busy):
    first, following = page(busy, "/orders?limit=4")
    busy.pay(merchant_order_id="LATE")
    rest = [document for documents in all_pages(busy, following) for document in documents]

    names = [document["merchant_order_id"] for document in [*first, *rest]]
    assert names == [*(f"RENT-{number}" for number in range(7)), "LATE"]


def test_calls_that_were_forgotten_meanwhile_are_skipped(merchant, monkeypatch):
    monkeypatch.setattr("phonepe_simulator.engine.KEPT_CALLS", 4)
    merchant.sim.reset()
    merchant.log_in()
    for number in range(3):
        merchant.status(f"OLD-{number}")
    documents, following = page(merchant, "/calls?limit=2")
    for number in range(3):
        merchant.status(f"NEW-{number}")

    assert [document["merchant_order_id"] for document in documents] == [None, "OLD-0"]
    rest = page(merchant, following)[0]
    assert [document["merchant_order_id"] for document in rest] == ["OLD-2", "NEW-0"]


def test_the_state_is_a_first_page_of_everything(busy):
    state, _ = page(busy, "/state?limit=2")

    assert [len(state[name]) for name in ("orders", "calls", "webhooks", "record")] == [2, 2, 2, 2]
    assert state["next"] == {
        "orders": "/_simulator/orders?limit=2&cursor=2",
        "calls": "/_simulator/calls?limit=2&cursor=2",
        "webhooks": "/_simulator/webhooks?limit=2&cursor=2",
        "record": "/_simulator/record?limit=2&cursor=2",
    }
    assert page(busy, "/state")[0]["next"] == {}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", f"limit: a whole number from 1 to {LARGEST_LIMIT}"),
        (f"limit={LARGEST_LIMIT + 1}", f"limit: a whole number from 1 to {LARGEST_LIMIT}"),
        ("limit=ten", f"limit: a whole number from 1 to {LARGEST_LIMIT}"),
        ("limit=-1", f"limit: a whole number from 1 to {LARGEST_LIMIT}"),
        ("cursor=x", f"cursor: a whole number from 0 to {2**63 - 1}"),
        ("cursor=" + "9" * 5000, f"cursor: a whole number from 0 to {2**63 - 1}"),
        ("colour=red", "colour: not known here; there are limit, cursor."),
    ],
)
def test_a_page_that_cannot_be_read(merchant, query, sentence):
    answer = merchant.control("GET", f"/orders?{query}")

    assert (answer.status, read(answer)) == (400, {"error": sentence})


def test_the_largest_page_and_a_cursor_beyond_the_end(busy):
    assert len(page(busy, f"/orders?limit={LARGEST_LIMIT}")[0]) == 7
    assert page(busy, "/orders?cursor=999") == ([], None)


def test_a_list_takes_no_query_that_it_does_not_know(merchant):
    assert merchant.control("GET", "/state?cursor=1").status == 400
    assert merchant.control("GET", "/webhooks?name=x").status == 400


def test_others_are_served_while_a_long_answer_is_written(busy, monkeypatch):
    busy.sim.settle()
    served = []

    def write_slowly(write):
        def written(*arguments, **options):
            other = Thread(target=lambda: served.append(busy.status("RENT-1")["state"]), daemon=True)
            other.start()
            other.join(5)
            return write(*arguments, **options)

        return written

    monkeypatch.setattr(control, "json_response", write_slowly(control.json_response))
    monkeypatch.setattr(listings, "json_response", write_slowly(listings.json_response))
    monkeypatch.setattr(settlements, "report", write_slowly(settlements.report))
    for path in ("/state", "/orders", "/settlements/report"):
        assert busy.control("GET", path).status == 200

    assert served == ["COMPLETED"] * 3

import csv
import json
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phonepe_simulator
from phonepe_simulator import Fault, VirtualClock
from phonepe_simulator.command_line import main
from phonepe_simulator.settlements.report import COLUMNS
from tests.simulator.conftest import START
from tests.simulator.people import API, Merchant, OverHttp, order, paid, refunded


def lines(merchant, settlement_id=None):
    return list(csv.DictReader(StringIO(merchant.sim.settlement_report(settlement_id))))


class TestTheReport:
    def test_one_line_for_each_transaction(self, landlord, clock):
        refunded(landlord, clock, 50000)
        settlement = landlord.sim.settle()

        upi, card, back = lines(landlord)

        assert tuple(upi) == COLUMNS
        assert card == {
            "settlement_id": settlement.settlement_id,
            "settlement_utr": settlement.utr,
            "settlement_date": "2026-01-01T00:00:10Z",
            "type": "PAYMENT",
            "merchant_order_id": "RENT-2",
            "merchant_refund_id": "",
            "phonepe_id": landlord.sim.orders["RENT-2"].order_id,
            "amount": "33400",
            "fee": "-635",
            "tax": "-114",
            "net": "32651",
        }
        assert (upi["fee"], upi["net"]) == ("0", "150000")
        assert (back["type"], back["amount"], back["net"]) == ("REFUND", "-50000", "-50000")
        assert (back["merchant_order_id"], back["merchant_refund_id"]) == ("RENT-1", "BACK-1")
        assert back["phonepe_id"] == landlord.sim.refunds["BACK-1"].refund_id

    def test_a_chargeback_has_a_line(self, landlord):
        landlord.sim.charge_back("RENT-1", 30000)
        landlord.sim.settle()

        line = lines(landlord)[-1]
        assert (line["type"], line["merchant_order_id"], line["amount"]) == ("CHARGEBACK", "RENT-1", "-30000")

    def test_as_json_it_tells_the_sum(self, landlord):
        settlement = landlord.sim.settle()

        [told] = json.loads(landlord.sim.settlement_report(format="json"))["settlements"]

        transactions = told.pop("transactions")
        assert told == {
            "settlementId": settlement.settlement_id,
            "utr": settlement.utr,
            "date": "2026-01-01T00:00:00Z",
            "state": "INITIATED",
            "amount": 182651,
        }
        assert transactions[1] == {
            "type": "PAYMENT",
            "merchantOrderId": "RENT-2",
            "merchantRefundId": None,
            "phonepeId": landlord.sim.orders["RENT-2"].order_id,
            "amount": 33400,
            "fee": -635,
            "tax": -114,
            "net": 32651,
        }

    def test_one_settlement_can_be_picked(self, landlord):
        first = landlord.sim.settle().settlement_id
        paid(landlord, "RENT-3")
        second = landlord.sim.settle().settlement_id

        assert [line["merchant_order_id"] for line in lines(landlord, second)] == ["RENT-3"]
        assert {line["settlement_id"] for line in lines(landlord)} == {first, second}
        with pytest.raises(KeyError, match="NONE"):
            landlord.sim.settlement_report("NONE")

    def test_money_that_the_bank_refused_is_in_the_json_alone(self, landlord):
        settlement_id = landlord.sim.settle().settlement_id
        landlord.sim.conclude_settlement(settlement_id, "failure")

        assert lines(landlord) == []
        [told] = json.loads(landlord.sim.settlement_report(format="json"))["settlements"]
        assert told["state"] == "ATTEMPT_FAILED"

        landlord.sim.conclude_settlement(settlement_id, "success")
        assert len(lines(landlord)) == 2

    def test_its_columns_are_those_that_the_readme_promises(self):
        readme = Path(phonepe_simulator.__file__).with_name("README.md").read_text()

        assert ",".join(COLUMNS) in readme


class TestMistakesInTheReport:
    @pytest.fixture
    def told(self, landlord):
        def told(kind, **options):
            landlord.sim.faults.add(Fault(kind, times=1, merchant_order_id="RENT-1", **options))
            landlord.sim.settle()
            return lines(landlord)

        return told

    def test_a_line_is_missing(self, told, landlord):
        assert [line["merchant_order_id"] for line in told("report_line_missing")] == ["RENT-2"]
        assert [each.amount for each in landlord.sim.settlements.values()] == [182651]

    def test_a_line_about_an_order_that_nobody_made(self, told, landlord):
        _, stranger, _ = told("report_line_unknown")

        assert stranger["merchant_order_id"] not in landlord.sim.orders
        assert stranger["amount"] == "150000"

    def test_a_line_is_there_twice(self, told):
        first, second, _ = told("report_line_repeated")

        assert first == second

    def test_a_line_is_in_two_settlements(self, told, landlord):
        told("report_line_in_two")
        paid(landlord, "RENT-3")
        landlord.sim.settle()

        twice = [line for line in lines(landlord) if line["merchant_order_id"] == "RENT-1"]
        assert len({line["settlement_id"] for line in twice}) == 2

    def test_numbers_that_are_wrong(self, told, landlord):
        def numbers(line):
            return [int(line[column]) for column in ("amount", "fee", "tax", "net")]

        assert numbers(told("report_wrong_amount")[0]) == [150100, 0, 0, 150100]
        paid(landlord, "RENT-3")
        landlord.sim.faults.add(Fault("report_wrong_fee", value=7))
        landlord.sim.settle()
        assert numbers(lines(landlord)[-1]) == [150000, -7, 0, 149993]

    def test_a_net_that_does_not_add_up(self, told):
        line = told("report_wrong_net", value=-1)[0]

        assert (line["amount"], line["net"]) == ("150000", "149999")

    def test_each_download_tells_the_same(self, told, landlord):
        told("report_wrong_net")

        assert landlord.sim.settlement_report() == landlord.sim.settlement_report()

    def test_only_refunds_or_only_payments(self, landlord, clock):
        landlord.sim.faults.add(Fault("report_line_missing", call="PAYMENT"))
        refunded(landlord, clock, 50000)
        landlord.sim.settle()

        assert [line["type"] for line in lines(landlord)] == ["REFUND"]
        with pytest.raises(ValueError, match="There is no line"):
            Fault("report_line_missing", call="pay")


class TestOverHttp:
    def test_settle_conclude_and_download(self, served):
        ordered(served)
        served.control("POST", "/orders/RENT-1/attempt", {"mode": "CARD"})
        served.control("POST", "/orders/RENT-1/chargeback", {"amount": 100})
        assert served.control("POST", "/settlements")[1]["state"] == "INITIATED"
        assert served.control("POST", "/settlements") == (200, None)
        [settlement] = served.control("GET", "/settlements")[1]
        path = f"/settlements/{settlement['settlement_id']}/conclude"
        assert served.control("POST", path, {"outcome": "success"})[1]["state"] == "PROCESSED"

        status, content = served.send("GET", "/_simulator/settlements/report?format=csv")
        assert (status, content.decode()) == (200, served.sim.settlement_report())
        [told] = served.control("GET", "/settlements/report?format=json")[1]["settlements"]
        assert [each["type"] for each in told["transactions"]] == ["PAYMENT", "CHARGEBACK"]

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("GET", "/settlements/report?format=pdf", None, 400),
            ("GET", "/settlements/report?colour=red", None, 400),
            ("GET", "/settlements/report?settlement_id=NONE", None, 404),
            ("POST", "/settlements/NONE/conclude", {"outcome": "success"}, 404),
            ("POST", "/settlements", {"colour": "red"}, 400),
            ("POST", "/orders/NONE/chargeback", None, 404),
            ("PATCH", "/settings", {"card_fee_bp": 10_001}, 400),
            ("PATCH", "/settings", {"card_fee_bp": 1.5}, 400),
            ("PATCH", "/settings", {"settlement_outcome": "maybe"}, 400),
        ],
    )
    def test_a_mistake_is_answered_with_a_sentence(self, served, method, path, body, status):
        answered, document = served.control(method, path, body)

        assert (answered, bool(document["error"])) == (status, True)

    def test_the_command_prints_it(self, served, capsys):
        ordered(served)
        served.control("POST", "/orders/RENT-1/attempt")
        served.sim.settle()

        assert main(["settlement-report", "--url", served.server.url]) == 0
        assert capsys.readouterr().out == served.sim.settlement_report()
        assert main(["settlement-report", "--url", served.server.url, "--settlement-id", "NONE"]) == 1
        assert "NONE" in capsys.readouterr().err

    def test_the_command_says_if_nobody_is_there(self, served, capsys):
        served.server.stop()

        assert main(["settlement-report", "--url", served.server.url]) == 1
        assert urlsplit(served.server.url).netloc in capsys.readouterr().err


def ordered(served: OverHttp) -> None:
    served.send("POST", f"{API}/checkout/v2/pay", order(), {"Authorization": f"O-Bearer {served.token()}"})


STEPS = st.sampled_from(["UPI_QR", "CARD", "NET_BANKING", "refund", "charge back", "settle", "seconds", "hours"])


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=30), st.integers(100, 1_000_000))
def test_every_paisa_is_settled_once(steps, amount):
    clock = VirtualClock(START)
    merchant = Merchant(clock)
    merchant.sim.change_settings(settlement_at="11:00")
    for number, step in enumerate(steps):
        take(merchant, clock, step, number, amount)
    clock.advance(86400)
    merchant.log_in()
    paid(merchant, "LAST", amount=10**9)
    merchant.sim.settle()

    orders = merchant.sim.orders.values()
    truth = sum(order.captured - order.refunded - order.charged_back for order in orders)
    told = lines(merchant)
    assert sum(int(line["amount"]) for line in told) == truth
    assert sum(int(line["net"]) for line in told) == sum(each.amount for each in merchant.sim.settlements.values())
    assert all(int(line["net"]) == sum(int(line[part]) for part in ("amount", "fee", "tax")) for line in told)
    assert all(each.amount >= 0 for each in merchant.sim.settlements.values())


def take(merchant, clock, step, number, amount):
    open_orders = [order for order in merchant.sim.orders.values() if order.refundable >= 100]
    if step == "settle":
        merchant.sim.settle()
    elif step in ("seconds", "hours"):
        clock.advance(3 if step == "seconds" else 20_000)
    elif step == "refund" and open_orders:
        merchant.refund(f"BACK-{number}", open_orders[0].refundable, open_orders[0].merchant_order_id)
    elif step == "charge back" and open_orders:
        merchant.sim.charge_back(open_orders[-1].merchant_order_id, 100)
    elif step not in ("refund", "charge back"):
        paid(merchant, f"RENT-{number}", step, amount)


def story():
    clock = VirtualClock(START)
    merchant = Merchant(clock)
    paid(merchant, "RENT-1", "CARD")
    merchant.sim.settle()
    paid(merchant, "RENT-2")
    merchant.sim.settle()
    return merchant.sim.settlement_report()


def test_the_same_seed_gives_the_same_report():
    assert story() == story()


def test_settling_leaves_the_other_ids_alone(clock):
    quiet, busy = Merchant(clock), Merchant(clock)
    for merchant in (quiet, busy):
        paid(merchant, "RENT-1")
        if merchant is busy:
            merchant.sim.settle()

    assert quiet.pay(merchant_order_id="RENT-2").body == busy.pay(merchant_order_id="RENT-2").body

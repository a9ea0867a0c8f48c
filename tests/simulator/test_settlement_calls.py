from datetime import timedelta

import pytest

from phonepe_simulator.clock import epoch_millis
from tests.simulator.conftest import START
from tests.simulator.people import fixture, paid, read


class TestTheCalls:
    def test_status(self, landlord, clock):
        settlement = landlord.sim.settle()
        clock.advance(10)

        told = read(landlord.call("GET", f"/settlements/v1/{settlement.settlement_id}/status"))

        assert set(told) == set(fixture("settlement_status_initiated"))
        assert told["amount"] == 182651
        assert told["lastAttemptErrorCode"] == ""
        assert told["lastUpdatedAt"] == epoch_millis(clock.now())

    def test_a_settlement_that_nobody_knows(self, merchant):
        for method, call in (("GET", "status"), ("POST", "webhook")):
            assert merchant.call(method, f"/settlements/v1/NONE/{call}").status == 400

    def test_the_range_comes_in_pages_with_the_newest_first(self, merchant, clock):
        made = []
        for number in range(12):
            paid(merchant, f"RENT-{number}")
            made.insert(0, merchant.sim.settle())
            clock.advance(1)
        window = {"from": str(epoch_millis(START)), "to": str(epoch_millis(clock.now()))}

        first = read(merchant.call("GET", "/settlements/v1/range", **window))
        second = read(merchant.call("GET", "/settlements/v1/range", **window, offset="10", limit="2"))

        assert (first["hasNext"], second["hasNext"]) == (True, False)
        told = [*first["settlements"], *second["settlements"]]
        assert [each["settlementId"] for each in told] == [each.settlement_id for each in made]
        assert set(told[0]) == set(fixture("settlement_range_response")["settlements"][0])

    def test_the_range_has_both_its_ends(self, landlord):
        landlord.sim.settle()
        now = epoch_millis(START)

        for first, last, count in ((now, now, 1), (now + 1, now + 2, 0), (now - 2, now - 1, 0)):
            told = read(landlord.call("GET", "/settlements/v1/range", **{"from": str(first), "to": str(last)}))
            assert len(told["settlements"]) == count

    def test_six_months_back_is_not_too_old(self, merchant):
        window = {"from": str(epoch_millis(START - timedelta(days=184))), "to": str(epoch_millis(START))}

        assert merchant.call("GET", "/settlements/v1/range", **window).status == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {"from": None},
            {"to": None},
            {"from": "yesterday"},
            {"to": "-1"},
            {"from": "9" * 5000},
            {"limit": "41"},
            {"limit": "0"},
            {"offset": "-1"},
            {"from": "now"},
            {"from": "old"},
        ],
    )
    def test_a_range_that_is_refused(self, merchant, wrong):
        moments = {"now": str(epoch_millis(START)), "old": str(epoch_millis(START - timedelta(days=185)))}
        query = {"from": str(epoch_millis(START - timedelta(days=180))), "to": str(epoch_millis(START) - 1)} | wrong
        query = {key: moments.get(value, value) for key, value in query.items() if value is not None}

        response = merchant.call("GET", "/settlements/v1/range", **query)

        assert (response.status, read(response)["code"]) == (400, "BAD_REQUEST")

    def test_all_of_them_need_a_token(self, merchant):
        merchant.log_in()
        merchant.sim.revoke_tokens()

        assert merchant.call("GET", "/settlements/v1/NONE/status").status == 401


class TestAnOrdersSettlement:
    def test_before_there_is_nothing_but_a_state(self, landlord):
        assert landlord.status(settlementDetails="true")["settlementDetails"] == {"state": "NOT_INITIATED"}
        assert "settlementDetails" not in landlord.status()

    def test_after_it_tells_where_the_money_went(self, landlord, clock):
        settlement = landlord.sim.settle()
        clock.advance(10)

        upi = landlord.status("RENT-1", settlementDetails="true")["settlementDetails"]
        card = landlord.status("RENT-2", settlementDetails="true")["settlementDetails"]

        sample = fixture("order_status_completed_with_settlement_upi")["settlementDetails"]
        assert (set(upi), upi["state"]) == (set(sample), "PROCESSED")
        assert set(upi["splitSettlementDetails"][0]) == set(sample["splitSettlementDetails"][0])
        [part] = card["splitSettlementDetails"]
        assert (part["type"], part["settlementId"], part["utr"]) == (
            "CREDIT_CARD",
            settlement.settlement_id,
            settlement.utr,
        )
        assert part["amountBreakup"] == {
            "transactionAmount": 33400,
            "settlementAmount": 32651,
            "settlementDeduction": {"sgst": -57, "cgst": -57, "igst": 0, "fee": -635, "commission": 0},
        }

    def test_an_odd_paisa_of_the_tax_is_the_central_one(self, merchant):
        paid(merchant, "RENT-1", "CARD", 33200)
        merchant.sim.settle()

        [part] = merchant.status(settlementDetails="true")["settlementDetails"]["splitSettlementDetails"]

        # 18 % of a fee of 631 paise are 113.58.
        deduction = part["amountBreakup"]["settlementDeduction"]
        assert (deduction["fee"], deduction["cgst"], deduction["sgst"]) == (-631, -57, -57)
        paid(merchant, "RENT-2", "CARD", 33100)
        merchant.sim.settle()
        [part] = merchant.status("RENT-2", settlementDetails="true")["settlementDetails"]["splitSettlementDetails"]
        deduction = part["amountBreakup"]["settlementDeduction"]
        assert (deduction["fee"], deduction["cgst"], deduction["sgst"]) == (-629, -57, -56)

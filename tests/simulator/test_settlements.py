from datetime import timedelta

import pytest

from phonepe_simulator.settlements.fees import share
from tests.simulator.conftest import START
from tests.simulator.people import fixture, paid, read, refunded


def settlement_events(merchant):
    return [event for event in merchant.events() if event.startswith("settlement.")]


class TestWhatIsPaidOut:
    def test_captures_less_fees_and_tax(self, landlord):
        settlement = landlord.sim.settle()

        # 1.9 % of 33400 are 634.6, and 18 % of 635 are 114.3.
        assert settlement.amount == 150000 + 33400 - 635 - 114
        assert settlement.state == "INITIATED"

    def test_a_refund_is_taken_off_once_it_is_completed(self, landlord, clock):
        landlord.refund(amount=50000)
        first = landlord.sim.settle()
        clock.advance(10)
        paid(landlord, "RENT-3")
        second = landlord.sim.settle()

        assert (first.amount, second.amount) == (182651, 100000)

    def test_a_failed_refund_is_nobodys_business(self, landlord, clock):
        landlord.sim.change_settings(refund_outcome="failure")
        refunded(landlord, clock, 50000)

        assert landlord.sim.settle().amount == 182651

    def test_more_out_than_in_waits_for_the_next_run(self, landlord, clock):
        landlord.sim.settle()
        refunded(landlord, clock, 100000)
        assert landlord.sim.settle() is None

        paid(landlord, "RENT-3", amount=100000)
        assert [line.amount for line in landlord.sim.settle().lines] == [-100000, 100000]

    def test_nothing_is_settled_twice(self, landlord):
        landlord.sim.settle()

        assert landlord.sim.settle() is None

    def test_money_that_came_after_the_order_had_failed(self, merchant, clock):
        merchant.pay()
        merchant.sim.attempt("RENT-1", outcome="pending")
        clock.advance(1300)
        assert merchant.sim.settle() is None

        merchant.sim.conclude("RENT-1", "success")
        assert merchant.sim.settle().amount == 150000

    def test_a_chargeback_takes_a_payment_back(self, landlord):
        landlord.sim.charge_back("RENT-2")
        landlord.sim.charge_back("RENT-1", 30000)

        assert landlord.sim.settle().amount == 150000 - 30000 - 635 - 114
        with pytest.raises(ValueError, match="0 paise"):
            landlord.sim.charge_back("RENT-2")
        assert read(landlord.refund(amount=120001))["code"] == "REFUND_AMOUNT_EXCEEDS_ORIGINAL"

    @pytest.mark.parametrize("amount", [0, -1, 100001])
    def test_no_more_is_charged_back_than_is_left(self, landlord, amount):
        landlord.refund(amount=50000)

        with pytest.raises(ValueError, match="100000 paise of RENT-1 can be charged back"):
            landlord.sim.charge_back("RENT-1", amount)

    def test_it_may_be_of_nothing(self, merchant, clock):
        paid(merchant, "RENT-1")
        refunded(merchant, clock, 150000)

        assert merchant.sim.settle().amount == 0

    @pytest.mark.parametrize(
        ("mode", "fee"), [("UPI_QR", 0), ("UPI_INTENT", 0), ("CARD", -1900), ("NET_BANKING", -1500)]
    )
    def test_each_mode_has_its_own_fee(self, merchant, mode, fee):
        paid(merchant, "RENT-1", mode, 100000)

        [line] = merchant.sim.settle().lines
        assert line.deduction.fee == fee
        assert line.deduction.tax == fee * 18 // 100

    @pytest.mark.parametrize(("amount", "rate", "kept"), [(100, 150, 2), (100, 149, 1), (33, 150, 0), (34, 150, 1)])
    def test_half_a_paisa_is_rounded_up(self, amount, rate, kept):
        assert share(amount, rate) == kept

    def test_a_new_fee_is_for_new_payments(self, landlord):
        landlord.sim.change_settings(upi_fee_bp=100, card_fee_bp=0)
        paid(landlord, "RENT-3", amount=10000)

        assert [line.deduction.fee for line in landlord.sim.settle().lines] == [0, -635, -100]


class TestWhenItIsPaidOut:
    def test_every_day_at_the_chosen_time_in_india(self, merchant, clock):
        merchant.sim.change_settings(settlement_at="11:00")
        paid(merchant, "RENT-1")
        clock.advance(86400)
        merchant.sim.tick()

        [settlement] = merchant.sim.settlements.values()
        assert settlement.at == START + timedelta(hours=5, minutes=30)
        assert settlement.state == "PROCESSED"

    def test_what_comes_after_it_waits_for_tomorrow(self, merchant, clock):
        merchant.sim.change_settings(settlement_at="11:00")
        clock.advance(6 * 3600)
        paid(merchant, "RENT-1")

        assert merchant.sim.next_due() == clock.now()  # the webhook of the payment
        clock.advance(86400)
        merchant.sim.tick()
        assert [each.at for each in merchant.sim.settlements.values()] == [START + timedelta(hours=29, minutes=30)]

    def test_what_comes_at_that_very_moment_waits_for_tomorrow(self, merchant, clock):
        merchant.sim.change_settings(settlement_at="11:00")
        clock.advance(5.5 * 3600)
        paid(merchant, "RENT-1")
        clock.advance(86400)
        merchant.sim.tick()

        assert [each.at for each in merchant.sim.settlements.values()] == [START + timedelta(hours=29, minutes=30)]

    def test_a_run_that_was_done_by_hand_is_not_done_again(self, merchant, clock):
        merchant.sim.change_settings(settlement_at="11:00")
        paid(merchant, "RENT-1")
        clock.advance(6 * 3600 - 1800 - 60)
        merchant.sim.settle()
        clock.advance(600)
        paid(merchant, "RENT-2")
        clock.advance(3600)
        merchant.sim.tick()

        assert [len(each.lines) for each in merchant.sim.settlements.values()] == [1]

    def test_a_run_by_hand_leaves_the_planned_one_to_what_comes_after(self, merchant, clock):
        merchant.sim.change_settings(settlement_at="11:00")
        paid(merchant, "RENT-1")
        merchant.sim.settle()
        paid(merchant, "RENT-2")
        clock.advance(86400)
        merchant.sim.tick()

        assert [each.at for each in merchant.sim.settlements.values()] == [START, START + timedelta(hours=5.5)]

    def test_two_days_in_one_jump(self, merchant, clock):
        merchant.sim.change_settings(settlement_at="11:00", refund_completed_after=86400)
        paid(merchant, "RENT-1")
        merchant.refund(amount=100)
        paid(merchant, "RENT-2", amount=100)
        clock.advance(10 * 86400)
        merchant.sim.tick()

        # The refund came after the first run, and nothing was left to pay it from.
        assert [each.amount for each in merchant.sim.settlements.values()] == [150100]
        assert merchant.sim.next_due() is None

    def test_another_time_of_day_replaces_the_plan(self, merchant, clock):
        merchant.sim.change_settings(settlement_at="11:00")
        paid(merchant, "RENT-1")
        merchant.sim.change_settings(settlement_at="12:00")
        clock.advance(86400)
        merchant.sim.tick()
        paid(merchant, "RENT-2")
        merchant.sim.change_settings(settlement_at=None)
        clock.advance(86400)
        merchant.sim.tick()

        assert [each.at for each in merchant.sim.settlements.values()] == [START + timedelta(hours=6, minutes=30)]

    def test_without_a_time_only_when_told(self, landlord, clock):
        clock.advance(1_000_000)
        landlord.sim.tick()

        assert landlord.sim.settlements == {}
        assert landlord.sim.next_due() is None

    @pytest.mark.parametrize("wrong", ["noon", "24:00", "11:00+05:30", 11, "1100", "11:00\n"])
    def test_a_time_that_is_none(self, sim, wrong):
        with pytest.raises(ValueError, match="time of day"):
            sim.change_settings(settlement_at=wrong)


class TestHowItEnds:
    def test_the_bank_takes_it_after_some_seconds(self, landlord, clock):
        landlord.sim.tick()
        landlord.sim.settle()
        landlord.sim.tick()
        clock.advance(10)
        landlord.sim.tick()

        initiated, processed = landlord.inbox[-2:]
        assert settlement_events(landlord) == ["settlement.initiated", "settlement.processed"]
        assert set(initiated.document["payload"]) == set(fixture("webhook_settlement_initiated")["payload"])
        assert processed.document["payload"]["state"] == "PROCESSED"

    def test_the_bank_refuses_and_takes_it_later(self, landlord, clock):
        landlord.sim.change_settings(settlement_outcome="failure")
        settlement_id = landlord.sim.settle().settlement_id
        clock.advance(10)
        failed = read(landlord.call("GET", f"/settlements/v1/{settlement_id}/status"))
        landlord.sim.conclude_settlement(settlement_id, "success")
        landlord.sim.tick()

        assert failed["state"] == "ATTEMPT_FAILED"
        assert failed["lastAttemptErrorCode"]
        assert settlement_events(landlord) == [
            "settlement.initiated",
            "settlement.attempt.failed",
            "settlement.processed",
        ]
        with pytest.raises(ValueError, match="PROCESSED already"):
            landlord.sim.conclude_settlement(settlement_id, "failure")

    def test_what_the_bank_took_by_hand_stays_taken(self, landlord, clock):
        landlord.sim.change_settings(settlement_outcome="failure")
        settlement = landlord.sim.settle()
        landlord.sim.conclude_settlement(settlement.settlement_id, "success")
        clock.advance(100)
        landlord.sim.tick()

        assert settlement.state == "PROCESSED"
        assert settlement_events(landlord) == ["settlement.initiated", "settlement.processed"]

    def test_it_can_be_left_open(self, landlord, clock):
        landlord.sim.change_settings(settlement_outcome="pending")
        settlement = landlord.sim.settle()
        clock.advance(1_000_000)
        landlord.sim.tick()

        assert settlement.state == "INITIATED"

    def test_a_webhook_can_be_asked_for_or_forged(self, landlord):
        settlement_id = landlord.sim.settle().settlement_id
        assert landlord.call("POST", f"/settlements/v1/{settlement_id}/webhook").status == 200
        landlord.sim.send_webhook("settlement.processed", settlement_id=settlement_id, payload={"amount": 1})
        landlord.sim.tick()

        assert settlement_events(landlord) == ["settlement.initiated"] * 2 + ["settlement.processed"]
        forged = landlord.inbox[-1].document["payload"]
        assert (forged["settlementId"], forged["amount"]) == (settlement_id, 1)

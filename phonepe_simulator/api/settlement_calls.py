"""PhonePe's calls about settlements."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from phonepe_simulator.api.routes import Match
from phonepe_simulator.clock import Clock, epoch_millis
from phonepe_simulator.errors import bad_request, unknown_transaction
from phonepe_simulator.messages import Request
from phonepe_simulator.settings import Settings
from phonepe_simulator.settlements.documents import Document, settlement_in_range, settlement_status
from phonepe_simulator.settlements.processing import Settlements
from phonepe_simulator.settlements.settlement import Settlement

# The longest six months, so that nothing is refused that PhonePe would accept.
SIX_MONTHS = timedelta(days=184)
USUAL_LIMIT = 10
LARGEST_LIMIT = 40
LARGEST_LONG = 2**63 - 1


class SettlementApi:
    def __init__(self, settlements: Settlements, clock: Clock, settings: Callable[[], Settings]) -> None:
        self._settlements = settlements
        self._clock = clock
        self._settings = settings
        self.handlers: dict[str, Callable[[Match, Request, Any], Document]] = {
            "settlement_range": self._range,
            "settlement_status": self._status,
            "settlement_webhook": self._webhook,
        }

    def _range(self, _: Match, request: Request, __: Any) -> Document:
        first, last = self._read_moment(request, "from"), self._read_moment(request, "to")
        if first > last:
            raise bad_request("from: is after to")
        limit = _read_count(request, "limit", usual=USUAL_LIMIT, least=1, most=LARGEST_LIMIT)
        offset = _read_count(request, "offset", usual=0, least=0, most=LARGEST_LONG)
        newest_first = reversed(self._settlements.settlements.values())
        found = [each for each in newest_first if first <= epoch_millis(each.at) <= last]
        return {
            "settlements": [settlement_in_range(each) for each in found[offset : offset + limit]],
            "hasNext": len(found) > offset + limit,
        }

    def _status(self, match: Match, _: Request, __: Any) -> Document:
        return settlement_status(self._find(match.identifier), self._settings().merchant_id)

    def _webhook(self, match: Match, _: Request, __: Any) -> Document:
        self._settlements.announce_state(self._find(match.identifier), self._clock.now())
        return {}

    def _find(self, settlement_id: str) -> Settlement:
        settlement = self._settlements.settlements.get(settlement_id)
        if settlement is None:
            raise unknown_transaction(settlement_id, self._settings().not_found_status)
        return settlement

    def _read_moment(self, request: Request, name: str) -> int:
        if name not in request.query:
            raise bad_request(f"{name}: missing")
        oldest = epoch_millis(self._clock.now() - SIX_MONTHS)
        moment = _read_count(request, name, usual=0, least=0, most=LARGEST_LONG)
        if moment < oldest:
            raise bad_request(f"{name}: is older than 6 months")
        return moment


def _read_count(request: Request, name: str, *, usual: int, least: int, most: int) -> int:
    text = request.query.get(name)
    if text is None:
        return usual
    # The length comes first, because int() refuses thousands of digits.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_LONG))):
        raise bad_request(f"{name}: a whole number")
    if not least <= int(text) <= most:
        raise bad_request(f"{name}: from {least} to {most}")
    return int(text)

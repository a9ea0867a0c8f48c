"""The faults that are set at the moment."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from phonepe_simulator.faults.fault import Fault
from phonepe_simulator.faults.kinds import Side


class ActiveFaults:
    """Faults in the order in which they were set; each use counts down."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def __len__(self) -> int:
        return len(self._faults)

    def draw(self, side: Side, name: str, merchant_order_id: str | None) -> list[Fault]:
        """Return the faults that apply to this call, and count their use; latency combines with one other."""
        chosen: list[Fault] = []
        for fault in tuple(self._faults):
            has_other = fault.kind != "latency" and any(each.kind != "latency" for each in chosen)
            if has_other or not fault.concerns(side, name, merchant_order_id):
                continue
            if fault.chance < 1 and self._rng.random() >= fault.chance:
                continue
            chosen.append(fault)
            self._count_use(fault)
        return chosen

    def _count_use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        position = next(index for index, each in enumerate(self._faults) if each is fault)
        if fault.times == 1:
            del self._faults[position]
        else:
            self._faults[position] = replace(fault, times=fault.times - 1)

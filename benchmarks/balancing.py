"""`python -m benchmarks.balancing`: add up what is new in the ledger, or with `ask` ask for balances; prints JSON.

Asked for are one account with half of all lines, one of a tenancy, and the trial balance; medians in milliseconds.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from statistics import median

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "zelton_backend.settings"
TIMES = 60


def main() -> None:
    django.setup()
    from core.services.ledger import balances

    if sys.argv[1:] == ["ask"]:
        asked = {
            "an account": lambda: balances.balance_of("phonepe_clearing"),
            "a tenancy": lambda: balances.balance_of("tenancy:1:receivable"),
            "all accounts": balances.trial_balance,
        }
        print(json.dumps({what: median(_milliseconds(ask) for _ in range(TIMES)) for what, ask in asked.items()}))
    else:
        print(json.dumps({"seconds": _milliseconds(balances.add_up) / 1000}))


def _milliseconds(ask: Callable[[], object]) -> float:
    start = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()

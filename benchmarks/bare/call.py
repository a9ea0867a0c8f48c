"""`call.py ours|sdk ROUNDS CALLS`: ask for an order's state, over our transport or over the SDK's own session.

Prints the processor time of one call in microseconds, one line a round. It imports what `PYTHONPATH` says, so that
`benchmarks.transport` can run it against other commits.
"""

import sys
import time
from contextlib import nullcontext
from os import environ
from typing import Any

from phonepe.sdk.pg import env as sdk_env
from phonepe.sdk.pg.common.http_client_modules.http_method_type import HttpMethodType
from phonepe.sdk.pg.payments.v2.standard_checkout_client import StandardCheckoutClient


class Undecoded:
    @staticmethod
    def from_dict(answer: Any) -> Any:
        return answer


def main() -> None:
    over, rounds, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    client, limited = _ours() if over == "ours" else (_sdk(), nullcontext)

    def ask() -> None:
        with limited(8.0):
            client._request_with_token_invalidation(  # noqa: SLF001 - what the product calls too
                method=HttpMethodType.GET,
                url="/checkout/v2/order/ZLT-bench-1/status",
                response_obj=Undecoded,
                path_params={"details": "true", "errorContext": "true"},
            )

    for _ in range(200):  # the connection, the token, and Python's own warming up
        ask()
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(calls):
            ask()
        print(1e6 * (time.process_time() - began) / calls, flush=True)


def _ours() -> tuple[Any, Any]:
    """Return the product's client, and how it limits a call."""
    import django

    django.setup()
    try:
        from core.services.phonepe.deadline import deadline
    except ImportError:  # an older commit
        from core.services.phonepe_deadline import deadline
    from core.services.phonepe_service import PhonePeService

    return PhonePeService.get_client(), deadline


def _sdk() -> Any:
    for name in [name for name in vars(sdk_env) if name.endswith("_BASE_URL")]:
        setattr(sdk_env, name, environ["PHONEPE_BASE_URL"])
    return StandardCheckoutClient("BENCH", 1, "bench", sdk_env.Env.SANDBOX, should_publish_events=False)


if __name__ == "__main__":
    main()

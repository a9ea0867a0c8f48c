"""`python -m benchmarks.bare.sdk_loop THREADS FIRST COUNT`: ask for orders' states over the SDK's own transport.

Nothing is read from the answers, remembered or scheduled. Prints checks per second.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from os import environ
from typing import Any

from phonepe.sdk.pg import env as sdk_env
from phonepe.sdk.pg.common.http_client_modules.http_method_type import HttpMethodType
from phonepe.sdk.pg.payments.v2.standard_checkout import standard_checkout_constants as paths
from phonepe.sdk.pg.payments.v2.standard_checkout_client import StandardCheckoutClient


class Undecoded:
    @staticmethod
    def from_dict(answer: Any) -> Any:
        return answer


def main() -> None:
    threads, first, count = (int(argument) for argument in sys.argv[1:])
    for name in [name for name in vars(sdk_env) if name.endswith("_BASE_URL")]:
        setattr(sdk_env, name, environ["PHONEPE_BASE_URL"])
    client = StandardCheckoutClient(
        client_id=environ["PHONEPE_CLIENT_ID"],
        client_secret=environ["PHONEPE_CLIENT_SECRET"],
        client_version=int(environ["PHONEPE_CLIENT_VERSION"]),
        env=sdk_env.Env.SANDBOX,
        should_publish_events=False,
    )

    def ask(number: int) -> None:
        client._request_with_token_invalidation(  # noqa: SLF001 - what the product calls too
            method=HttpMethodType.GET,
            url=paths.ORDER_STATUS_API.format(merchant_order_id=f"ZLT-bench-{number}"),
            response_obj=Undecoded,
            path_params={"details": "true", "errorContext": "true"},
        )

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask, range(first, first + 2 * threads)))  # connections and the token
        started = time.perf_counter()
        list(pool.map(ask, range(first, first + count)))
        print(count / (time.perf_counter() - started))


if __name__ == "__main__":
    main()

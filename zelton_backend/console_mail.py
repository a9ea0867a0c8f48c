"""Mail that is printed, where no server is: beside the logs, because commands answer on standard output."""

import sys
from typing import Any

from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"stream": sys.stderr, **kwargs})

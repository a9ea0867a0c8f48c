"""How far a command has come, for people who wait."""

import sys

from tqdm import tqdm

SHOWN_AFTER = 3.0  # seconds


def progress(total: int | None, unit: str) -> "tqdm[None]":
    """Return a bar on stderr that appears after three seconds, on a terminal alone; to be used in a `with`.

    :param total: how much there is to do; None: nobody knows
    """
    return tqdm(total=total, unit=f" {unit}", delay=SHOWN_AFTER, disable=None, file=sys.stderr, leave=False)

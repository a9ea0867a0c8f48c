"""Write the table of the API's refusals into the guide for client developers.

python -m zelton_backend.error_catalogue
"""

import os
from pathlib import Path

import django
from django.conf import settings

GUIDE = Path("docs") / "api_guide.md"
BEGIN, END = "<!-- error catalogue: begin -->", "<!-- error catalogue: end -->"
TRIED_AGAIN = {"busy", "documents_busy", "phonepe_unknown", "still_running", "throttled"}
MOST_NAMED = 3  # operations; of more only their number


def rewritten(guide: str) -> str:
    """Return the guide's text with the table as it has to be.

    :raises ValueError: if it lacks the marks between which the table stands
    """
    before, begin, rest = guide.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{GUIDE} lacks {BEGIN} and {END}.")
    return f"{before}{begin}\n{catalogue()}\n{end}{after}"


def catalogue() -> str:
    """Return the table: a line for each code, by HTTP status."""
    # Views need the settings, which `main` has yet to set up.
    from core.views.schema import codes, figures, operations_by_code

    where, named = operations_by_code(), figures()
    lines = [
        "| status | `code` | means | same again? | `params` | comes from |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for code, (status, meaning) in codes().items():
        again = "after `Retry-After`" if code in TRIED_AGAIN else "no"
        told = ", ".join(f"`{name}`" for name in named.get(code, ()))
        lines.append(f"| {status} | `{code}` | {meaning} | {again} | {told} | {_places(where.get(code, []))} |")
    return "\n".join(lines)


def _places(operations: list[str]) -> str:
    if not operations:
        return "other addresses, the admin, commands"
    if len(operations) > MOST_NAMED:
        return f"{len(operations)} operations"
    return ", ".join(f"`{each}`" for each in operations)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zelton_backend.settings")
    os.environ.setdefault("ZELTON_ENV_FILE", ".env.example")
    django.setup()
    guide = Path(settings.BASE_DIR) / GUIDE
    guide.write_text(rewritten(guide.read_text()))


if __name__ == "__main__":
    main()

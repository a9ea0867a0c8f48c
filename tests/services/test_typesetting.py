"""Documents are set in many threads and after a fork, cost nothing before the first, and hold nobody up for long."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from core.services.documents.pdf import typeset

FRESH = "import django; django.setup(); import core.urls\n"
LOADED = "import sys; print([name for name in ('typst', 'fontTools') if name in sys.modules])"


def receipt(number: int = 1) -> dict[str, Any]:
    return {
        "title": "Rent receipt",
        "number": f"R-2026-27-{number:07d}",
        "amount": "₹15,000.00",
        "in_words": "Rupees fifteen thousand only",
        "date_is": "Received on",
        "date": "10 April 2026, 12:00 IST",
        "parties": [("Received from", ["ரவி"])],
        "items": [],
        "facts": [("UTR", "1234")],
        "footer": "Made by Zelton.",
    }


def statement(rows: int) -> dict[str, Any]:
    row = ("10 Apr 2026", "Rent for April 2026", "2026-04", "₹15,000.00", "₹15,000.00")
    return {"title": "Statement of account", "facts": [], "rows": [row] * rows, "footer": "Made by Zelton."}


def in_a_fresh_process(program: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zelton_backend.settings"}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()[-1]


def drawn_by_a_child(number: int) -> bytes:
    """Fork and draw there; a child that waits for ever is ended."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            with os.fdopen(into, "wb") as pipe:
                pipe.write(typeset("receipt", receipt(number)))
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        drawn = pipe.read()
    os.waitpid(child, 0)
    return drawn


def test_threads_at_once_each_get_their_own_document() -> None:
    alone = {number: typeset("receipt", receipt(number)) for number in range(8)}

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda number: (number, typeset("receipt", receipt(number % 8))), range(80)))

    assert all(drawn == alone[number % 8] for number, drawn in together)


def test_a_child_of_a_process_that_has_drawn_draws_too() -> None:
    expected = typeset("receipt", receipt(3))

    assert drawn_by_a_child(3) == expected


def test_a_child_of_a_process_that_has_not_drawn_draws_by_itself() -> None:
    program = """
import os
from core.services.documents import pdf
from tests.services.test_typesetting import drawn_by_a_child
pdf._in_own_process = None
print(len(drawn_by_a_child(3)) > 5000)
"""
    assert in_a_fresh_process(FRESH + program) == "True"


def test_the_same_document_is_the_same_in_any_process() -> None:
    program = """
import hashlib
from tests.services.test_typesetting import receipt
from core.services.documents.pdf import typeset
print(hashlib.sha256(typeset("receipt", receipt(5))).hexdigest())
"""
    assert in_a_fresh_process(FRESH + program) == in_a_fresh_process(FRESH + program)


def test_a_long_document_is_as_good_as_a_short_one() -> None:
    from pypdf import PdfReader  # it loads fontTools, which no process that imports this module is to have

    here, apart = (typeset("statement", statement(60), is_long=is_long) for is_long in (False, True))

    texts = [[page.extract_text() for page in PdfReader(BytesIO(pdf)).pages] for pdf in (here, apart)]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 2


def test_a_process_that_draws_nothing_loads_nothing_for_it() -> None:
    assert in_a_fresh_process(FRESH + LOADED) == "[]"


def test_latin_names_need_no_look_into_the_fonts() -> None:
    program = """
from tests.services.test_typesetting import receipt
from core.services.documents.pdf import typeset
typeset("receipt", {**receipt(), "parties": [("Received from", ["Ravi D\u2019Souza"])]})
"""
    assert in_a_fresh_process(FRESH + program + LOADED) == "['typst']"

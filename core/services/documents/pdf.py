"""Set documents as PDFs with Typst, from the templates beside this module. The same input gives the same bytes.

What a template shows reaches it as JSON, in which every text is text: nothing that a person wrote can be markup.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import structlog

from core.errors import DomainError
from core.services.documents import fonts
from core.services.documents.drawable import drawable

logger = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
SECONDS_APART = 60
SECONDS_TO_WAIT = 20
# What a process of its own runs: it needs nothing of ours, and starts in a tenth of a second.
COMPILE = """
import json, sys, typst
job = json.load(sys.stdin)
found = typst.Fonts(include_embedded_fonts=False, **job.pop("fonts"))
sys.stdout.buffer.write(typst.compile(font_paths=found, ignore_system_fonts=True, **job))
"""

_here, _apart = Lock(), Lock()
_threads_stayed_behind = False


class DocumentsBusy(DomainError):
    """Other long documents are being drawn; ask again."""

    code = "documents_busy"
    status_code = 503
    retry_after = SECONDS_TO_WAIT

    def __init__(self) -> None:
        super().__init__("We are drawing other long documents just now. Try again in a moment.")


def typeset(template: str, data: Mapping[str, Any], *, is_long: bool = False) -> bytes:
    """Return a document as a PDF.

    :param template: the name of its file, without `.typ`
    :param data: what the template shows: texts, and lists of them
    :param is_long: a long one is drawn in a process of its own, whose memory goes with it
    :raises DocumentsBusy: if others have been drawing long ones for too long
    """
    shown = _drawable({**data, "fonts": list(fonts.families())})
    path, inputs = str(TEMPLATES / f"{template}.typ"), {"data": json.dumps(shown, ensure_ascii=False)}
    # Tags tell a screen reader what is a heading and what a table; of a long document they are most of the file.
    job = {"input": path, "format": "pdf", "sys_inputs": inputs, "timestamp": 0, "pdf_tags": not is_long}
    if is_long or _threads_stayed_behind:
        return _in_own_process(job)
    with _here:  # a compiler serves one thread at a time
        pdf: bytes = _compiler().compile(**job)
    return pdf


def _drawable(value: Any) -> Any:
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, Mapping):
        return {name: _drawable(each) for name, each in value.items()}
    return [_drawable(each) for each in value] if isinstance(value, Sequence) else value


@cache
def _compiler() -> Any:
    """Keep one compiler: a new one for each document takes ten times as long."""
    import typst  # its library is 80 MB, which a process maps only if it draws a document

    return typst.Compiler(root=TEMPLATES, font_paths=fonts.installed(), ignore_system_fonts=True)


def _in_own_process(job: Mapping[str, Any]) -> bytes:
    if not _apart.acquire(timeout=SECONDS_TO_WAIT):
        raise DocumentsBusy
    try:
        run = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", COMPILE],
            input=json.dumps({**job, "root": str(TEMPLATES), "fonts": fonts.sources()}).encode(),
            capture_output=True,
            timeout=SECONDS_APART,
            check=True,
        )
    finally:
        _apart.release()
    return run.stdout


def _after_fork() -> None:
    """The library works with threads of its own, which a child does not inherit: it would wait for them for ever."""
    global _here, _apart, _threads_stayed_behind
    _here, _apart = Lock(), Lock()
    _threads_stayed_behind = _threads_stayed_behind or _compiler.cache_info().currsize > 0


os.register_at_fork(after_in_child=_after_fork)

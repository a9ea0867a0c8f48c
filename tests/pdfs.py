"""What stands in a PDF: its text, and the glyphs that draw it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream

NOTDEF = 0


@dataclass(frozen=True)
class Drawn:
    """One glyph: of which font, its number there, and the text that a reader who copies it gets."""

    font: str
    glyph: int
    text: str


def reader_of(answer: Any) -> PdfReader:
    assert answer.status_code == 200, answer.content[:200]
    assert answer.headers["Content-Type"] == "application/pdf"
    return PdfReader(BytesIO(answer.content))


def text_of(answer: Any) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader_of(answer).pages).split())


def lines_of(answer: Any) -> list[str]:
    """Return what stands on each line, whatever page it is on."""
    lines: dict[tuple[int, int], str] = {}
    for number, page in enumerate(reader_of(answer).pages):

        def note(text: str, page: list[float], at: list[float], *_: Any, number: int = number) -> None:
            height = round(at[4] * page[1] + at[5] * page[3] + page[5])
            lines[number, height] = lines.get((number, height), "") + text

        page.extract_text(visitor_text=note)
    return list(lines.values())


def glyphs_of(answer: Any) -> list[Drawn]:
    reader = reader_of(answer)
    return [glyph for page in reader.pages for glyph in _glyphs(reader, page)]


def _glyphs(reader: PdfReader, page: Any) -> Iterator[Drawn]:
    fonts = {name: font.get_object() for name, font in page["/Resources"]["/Font"].items()}
    texts = {name: _texts(font["/ToUnicode"].get_data().decode()) for name, font in fonts.items()}
    current = ""
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"Tf":
            current = operands[0]
        elif operator in (b"Tj", b"TJ"):
            pieces = operands[0] if operator == b"TJ" else operands
            for piece in pieces:
                if isinstance(piece, bytes | str):
                    raw = piece if isinstance(piece, bytes) else piece.original_bytes
                    for at in range(0, len(raw), 2):
                        glyph = int.from_bytes(raw[at : at + 2], "big")
                        name = str(fonts[current]["/BaseFont"]).partition("+")[2]
                        yield Drawn(name, glyph, texts[current].get(glyph, ""))


def _texts(cmap: str) -> dict[int, str]:
    """Read the part of a ToUnicode map that Typst writes: one glyph, its text."""
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for glyph, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", block):
            found[int(glyph, 16)] = bytes.fromhex(text).decode("utf-16-be")
    return found

"""Draw documents as PDFs: a slip of labelled facts, and a table that runs over pages.

The same input gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO

import fontpkg_noto_sans
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT = "NotoSans"
TITLE, TEXT, LABEL, SMALL, CELL = 18, 10, 9, 8, 7.5  # sizes of type
MARGIN, LINE = 14 * mm, 7 * mm
LABELS_WIDTH = 28 * mm
FACT, ROW, CELL_LINE, RULE, GAP = 5 * mm, 1.6 * mm, 3.4 * mm, 2.2 * mm, 2 * mm  # within tables

Facts = Sequence[tuple[str, str]]
Cells = list[list[str]]  # the lines of each cell of a row


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; amounts stand at its right edge."""

    title: str
    width: float
    is_amount: bool = False


def slip(title: str, facts: Facts, *, footer: str) -> bytes:
    """Return a small document of labels and what they say; a label may be empty."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A5, invariant=True)
    y = _headline(canvas, title, A5)
    for label, line in _fact_lines(facts, TEXT, A5[0] - 2 * MARGIN - LABELS_WIDTH):
        if y < MARGIN + LINE:
            _foot(canvas, footer)
            y = _headline(canvas, title, A5)
        _write(canvas, MARGIN, y, label, LABEL)
        _write(canvas, MARGIN + LABELS_WIDTH, y, line, TEXT)
        y -= LINE
    _foot(canvas, footer)
    canvas.save()
    return buffer.getvalue()


def table(title: str, facts: Facts, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, footer: str) -> bytes:
    """Return a document of facts and then rows, on as many pages as they need; each repeats the columns' titles."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    lines = list(_fact_lines(facts, LABEL, A4[0] - 2 * MARGIN - LABELS_WIDTH))
    pages = list(_pages(columns, rows, facts_height=(len(lines) + 1) * FACT))
    for number, page in enumerate(pages, start=1):
        y = _headline(canvas, title, A4)
        for label, line in lines if number == 1 else ():
            _write(canvas, MARGIN, y, label, LABEL)
            _write(canvas, MARGIN + LABELS_WIDTH, y, line, LABEL)
            y -= FACT
        y = _row(canvas, y - (FACT if number == 1 else 0), columns, [[column.title] for column in columns])
        canvas.line(MARGIN, y + RULE, A4[0] - MARGIN, y + RULE)
        for cells in page:
            y = _row(canvas, y - ROW, columns, cells)
        _foot(canvas, f"{footer} Page {number} of {len(pages)}.")
    canvas.save()
    return buffer.getvalue()


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Return the lines of a text within a width; a word that is wider than a line is broken."""
    lines, taken, space = [""], 0.0, _width(" ", size)
    for word in text.split():
        wide = _width(word, size)
        if lines[-1] and taken + space + wide <= width:
            lines[-1], taken = f"{lines[-1]} {word}", taken + space + wide
            continue
        pieces = [word] if wide <= width else _pieces(word, size, width)
        lines = [*lines, *pieces] if lines[-1] else pieces
        taken = _width(lines[-1], size)
    return lines


def _fact_lines(facts: Facts, size: float, width: float) -> Iterator[tuple[str, str]]:
    """Yield each line with its label; a fact's label stands beside its first line alone."""
    for label, value in facts:
        for number, line in enumerate(wrapped(value, size, width)):
            yield ("" if number else label, line)


def _pieces(word: str, size: float, width: float) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and _width(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _pages(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, facts_height: float) -> Iterator[list[Cells]]:
    """Yield the rows of each page, their cells wrapped."""
    room = A4[1] - 4 * MARGIN - 2 * LINE
    page, left = list[Cells](), room - facts_height
    for row in rows:
        cells = [wrapped(cell, CELL, column.width - GAP) for column, cell in zip(columns, row, strict=True)]
        height = ROW + CELL_LINE * max(len(lines) for lines in cells)
        if height > left and page:
            yield page
            page, left = [], room
        page.append(cells)
        left -= height
    yield page


def _row(canvas: Canvas, y: float, columns: Sequence[Column], cells: Cells) -> float:
    """Write a row and return where the next one can stand."""
    x = MARGIN
    for column, lines in zip(columns, cells, strict=True):
        for number, line in enumerate(lines):
            at = x + column.width - _width(line, CELL) if column.is_amount else x
            _write(canvas, at, y - number * CELL_LINE, line, CELL)
        x += column.width
    return y - CELL_LINE * max(len(lines) for lines in cells)


def _headline(canvas: Canvas, title: str, size: tuple[float, float]) -> float:
    """Write the title of a page and return where its text begins."""
    canvas.setTitle(title)
    top = size[1] - MARGIN - LINE
    _write(canvas, MARGIN, top, title, TITLE)
    canvas.line(MARGIN, top - 4 * mm, size[0] - MARGIN, top - 4 * mm)
    return top - MARGIN


def _foot(canvas: Canvas, footer: str) -> None:
    _write(canvas, MARGIN, MARGIN, footer, SMALL)
    canvas.showPage()


def _write(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    canvas.setFont(_font(), size)
    canvas.drawString(x, y, text)


@lru_cache(maxsize=10_000)  # the same words come again and again
def _width(text: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, _font(), size))


@cache
def _font() -> str:
    files = fontpkg_noto_sans.ROOT / "files"
    pdfmetrics.registerFont(TTFont(FONT, str(files / "NotoSans[wdth,wght].ttf")))  # has the rupee sign
    return FONT

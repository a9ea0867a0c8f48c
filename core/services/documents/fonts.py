"""The fonts that documents are set in, and which letters they have.

Noto Sans and its Devanagari, Tamil and Telugu come as wheels. The other scripts of India are used where the machine
has them (Debian's fonts-noto-core).
"""

from functools import cache
from typing import Any

import fontpkg_noto_sans
import fontpkg_noto_sans_devanagari
import fontpkg_noto_sans_tamil
import fontpkg_noto_sans_telugu

WHEELS = (fontpkg_noto_sans, fontpkg_noto_sans_devanagari, fontpkg_noto_sans_tamil, fontpkg_noto_sans_telugu)
SCRIPTS = ("Devanagari", "Tamil", "Telugu", "Bengali", "Gujarati", "Gurmukhi", "Kannada", "Malayalam", "Oriya",
           "Arabic", "MeeteiMayek", "Ol Chiki")  # fmt: skip
FAMILIES = ("Noto Sans", *(f"Noto Sans {script}" for script in SCRIPTS))  # a letter is drawn by the first that has it
REGULAR = 400
use_system_fonts = True


def sources() -> dict[str, Any]:
    """Return where fonts are looked for, as Typst wants to be told."""
    return {"include_system_fonts": use_system_fonts, "font_paths": [str(wheel.ROOT / "files") for wheel in WHEELS]}


@cache
def installed() -> Any:
    """Find the fonts of this machine, once: it takes some 50 ms."""
    import typst  # its library is 80 MB, which a process maps only if it draws a document

    return typst.Fonts(include_embedded_fonts=False, **sources())


@cache
def families() -> dict[str, str]:
    """Return the file of each family that is there, in the order in which they are tried."""
    ours = tuple(sources()["font_paths"])
    upright = [font for font in installed().fonts() if font.weight == REGULAR and font.style == "normal"]
    files = {font.family: font.path for font in sorted(upright, key=lambda font: font.path.startswith(ours))}
    return {family: files[family] for family in FAMILIES if family in files}


@cache
def letters(family: str) -> frozenset[int]:
    """Return the code points for which a family has a glyph."""
    from fontTools.ttLib import TTFont  # takes 0.15 s, and is needed for what is not Latin alone

    with TTFont(families()[family], lazy=True) as font:
        return frozenset(font.getBestCmap())


def can_draw(text: str) -> bool:
    """Tell whether one font has all letters of a text: letters of two fonts do not join."""
    wanted = set(map(ord, text))
    return any(wanted <= letters(family) for family in families())

"""Make every text one that the fonts at hand can draw: nothing is ever blank, a box, or a letter torn from its word.

What a font has is drawn as it is. For what none has, something readable stands there, and the log says so once: a word
of an Indian script is spelled in Latin letters, a word of another script is named by its script, and a sign by its own
name ("[grinning face]").
"""

import re
import unicodedata
from functools import cache, lru_cache
from string import ascii_uppercase

import structlog

from core.services.documents import fonts
from core.services.documents.transliteration import in_latin_letters, is_indian

logger = structlog.get_logger(__name__)

PLAIN = re.compile("[ -~\u20b9\u2018-\u201d\u2013]+")  # Noto Sans has these, and most texts have no others
JOINERS = "\u200c\u200d"  # which say how letters of Indian scripts join
SKIN_TONES = range(0x1F3FB, 0x1F400)
FLAGS = {0x1F1E6 + place: letter for place, letter in enumerate(ascii_uppercase)}  # two such letters are a flag
SCRIPT = re.compile(" (?:LETTER|VOWEL|SIGN|SYLLABLE|DIGIT|IDEOGRAPH|UNIFIED|SMALL|CAPITAL)")  # what follows its name
REPEATED = re.compile(r"(\[text in [^]]+ script\])(?: ?\1)+")
NOTHING = "[blank]"


def drawable(text: str) -> str:
    """Return a text of one line as it can be drawn; an empty one stays empty."""
    return text if not text or (PLAIN.fullmatch(text) and not text.isspace()) else _drawable(text)


@lru_cache(maxsize=1_000)
def _drawable(text: str) -> str:
    composed = unicodedata.normalize("NFC", " ".join(text.split())).translate(FLAGS)
    visible = "".join(filter(_is_visible, composed))
    drawn = REPEATED.sub(r"\1", "".join(map(_drawn, _runs(visible))))
    return drawn.strip() or NOTHING


def _is_visible(letter: str) -> bool:
    """Leave out what only steers: control letters, and marks that would turn the writing around."""
    return letter in JOINERS or unicodedata.category(letter) not in ("Cc", "Cf")


def _runs(text: str) -> list[str]:
    """Cut a text into words of one script each, and signs one by one; marks stay with what they are on."""
    runs: list[str] = []
    last = ""
    for letter in text:
        script = last if _is_mark(letter) else _script(letter)
        if runs and script and script == last:
            runs[-1] += letter
        else:
            runs.append(letter)
        last = script
    return runs


def _is_mark(letter: str) -> bool:
    if letter in JOINERS or ord(letter) in SKIN_TONES:
        return True
    return unicodedata.category(letter) in ("Mn", "Me") and not is_indian(letter)


def _script(letter: str) -> str:
    """Return what a letter is written in, as Unicode's name of it says: "GUJARATI", "OL CHIKI"; a sign stands alone."""
    name = unicodedata.name(letter, f"UNNAMED SIGN {ord(letter):X}")
    if is_indian(letter):
        return name.partition(" ")[0]
    return SCRIPT.split(name)[0] if unicodedata.category(letter)[0] in "LMN" else name


def _drawn(run: str) -> str:
    """Return a word or sign, or the best that can stand in its place."""
    if fonts.can_draw(_without(JOINERS, run)):
        return run
    bare = "".join(letter for letter in run if not _is_mark(letter))
    if not bare:
        return ""
    _report(_script(bare[0]))
    flat = unicodedata.normalize("NFKC", bare)  # full width, letters in a circle, or bold as mathematicians use them
    if fonts.can_draw(flat):
        return flat
    return in_latin_letters(run) if is_indian(bare[0]) else _placeholder(bare)


def _without(letters: str, text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, letters)))


def _placeholder(run: str) -> str:
    kind = unicodedata.category(run[0])
    if kind == "Nd":
        return "".join(str(unicodedata.digit(digit)) for digit in run)
    name = _script(run[0])
    if kind[0] in "LMN":
        return f"[text in {name.title().replace('Cjk', 'Chinese')} script]"
    return f"[{name.lower()}]" * len(run)


@cache
def _report(script: str) -> None:
    logger.warning("document_letters_without_font", script=script)

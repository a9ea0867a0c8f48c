"""Spell a word of an Indian script in Latin letters, as names are commonly spelled in India: "પટેલ" is "Patel".

Unicode's names of the letters say how they sound ("GUJARATI LETTER TTA"), alike in all these scripts. Marks above and
below Latin letters are left out, as on a bank's papers.
"""

import re
import unicodedata

INDIAN = range(0x0900, 0x0D80)  # Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam
SPELLING = {"lll": "zh", "dddh": "r", "ss": "sh", "c": "ch", "ch": "chh", "ng": "n", "ny": "n"}
DROPS_FINAL_A = ("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI")  # their speakers do: Patel, not Patela
NASAL = "~"  # of which the next letter decides what it is
NASALS = ("ANUSVARA", "BINDI", "TIPPI", "CANDRABINDU")


def is_indian(letter: str) -> bool:
    return ord(letter) in INDIAN


def in_latin_letters(word: str) -> str:
    """Return the word as it sounds. A consonant has an "a" of its own unless a vowel or the mark against it follows."""
    script = unicodedata.name(word[0], "").partition(" ")[0]
    sounds, owes_a, joins, joined = "", False, False, False
    for letter in word:
        name = unicodedata.name(letter, "")
        sound = name.rpartition(" ")[2].lower()
        if "NUKTA" in name or unicodedata.category(letter) == "Cf":
            continue
        if "VIRAMA" in name:
            owes_a, joins = False, True
            continue
        if "VOWEL SIGN" in name:
            sounds, owes_a = sounds + _vowel(name), False
        elif "LETTER" in name and not _is_vowel(name):
            sounds = f"{sounds}{'a' * owes_a}{_consonant(sound)}"
            owes_a = sound.endswith("a") and "CHILLU" not in name and "KHANDA" not in name
        else:
            sounds, owes_a = f"{sounds}{'a' * owes_a}{_other(letter, name)}", False
        joins, joined = False, joins
    if owes_a and (joined or script not in DROPS_FINAL_A or not re.search("[aeiou]", sounds)):
        sounds += "a"
    return _with_nasals(sounds, at_end="n" if script in DROPS_FINAL_A else "m").capitalize()


def _is_vowel(name: str) -> bool:
    return "VOCALIC" in name or name.rpartition(" ")[2][0] in "AEIOU"


def _vowel(name: str) -> str:
    sound = name.rpartition(" ")[2].lower()
    return f"{sound[0]}i" if "VOCALIC" in name else re.sub(r"(.)\1", r"\1", sound)


def _consonant(sound: str) -> str:
    stem = sound.removesuffix("a")
    return SPELLING.get(stem) or re.sub(r"(.)\1+", r"\1", stem)


def _other(letter: str, name: str) -> str:
    if "LETTER" in name:
        return _vowel(name)
    if name.endswith(NASALS):
        return NASAL
    digit = unicodedata.digit(letter, None)
    return str(digit) if digit is not None else "h" * name.endswith("VISARGA")


def _with_nasals(sounds: str, *, at_end: str) -> str:
    sounds = re.sub(f"{NASAL}(?=[pbm])", "m", sounds)
    return re.sub(f"{NASAL}$", at_end, sounds).replace(NASAL, "n")

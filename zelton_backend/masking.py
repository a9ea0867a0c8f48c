"""Take secrets and personal data out of whatever is about to be written to a log.

Closed by default: a run of 11 to 19 digits may be a card, a bank account or an Aadhaar number, so it goes; a UTR of
12 digits stays where the word UTR stands before it. Ids of ours and of PhonePe stay: they have letters in them, and a
number that is part of a longer word is never taken for somebody's. Every pattern is linear in the length of the text.
"""

import re
from functools import lru_cache
from typing import Any

MASK = "***"
DEEPEST = 20  # levels; what is nested deeper is not written, nor what contains itself

_HEADERS = r"authorization | cookie"  # whose values may have blanks and commas in them
_NAMES = r"""
      secret | passw(?:or)?d | (?<![a-z])pwd | token | api[_-]?key | session_?id | csrf
    | vpa | phone(?!pe) | mobile(?!_sdk) | e-?mail | aadhaar | gstin | cvv
    | card_?(?:number|no|holder) | account_?(?:number|no)(?![a-z]) | query_?string
    | (?<![a-z]) (?: cards? | otp | pan(?:_?(?:number|no|card))? | (?:m|upi_?|card_?)?pin ) (?![a-z])
"""
_SECRET_NAME = re.compile(f"{_HEADERS} | {_NAMES}", re.VERBOSE | re.IGNORECASE)

# A name and its value in text: of a query, a header, JSON, a Python dict or tuple, perhaps quoted once more.
_NAMED = re.compile(
    rf"""
    (?<![\w-]) (?P<name>
        [\w-]{{0,40}}? (?: (?P<header>{_HEADERS}) | {_NAMES} ) [\w-]*+
        (?: \\*["']\s*+, | \\*["']?\s*+[=:] ) \s*+ b?
    )
    (?: (?P<quote>\\*["']) (?: (?!(?P=quote)) (?:\\.|[^\\]) )*+ (?P=quote)?
      | (?(header) [^\r\n"'}}]++ | [^\s&"',;}}\])]++ )
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_BEGINS, _ENDS = r"(?<![\w-])(?<!\d\.)", r"(?![\w-]|\.\d)"  # of a number
_LOCAL = r"""[^\s@%<>()\[\]{}"'`,;:=/\\?&|]"""  # what may stand before the @ of an address, in any script
_UNNAMED = re.compile(
    rf"""
    (?P<readable>
        \b (?i:utr) \W{{0,4}} \d{{12}} {_ENDS}
      | {_BEGINS} \d{{4}}-\d\d-\d\d (?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)? {_ENDS}
      | ₹\s?[\d,]++(?:\.\d+)? | {_BEGINS} \d++ (?=\ paise\b)
    )
    | \b(?:O-)?(?i:bearer)\s+\S++ | \bBasic\s+[A-Za-z0-9+/]{{8,}}=* | \bToken\s+[0-9a-f]{{16,}}
    | \beyJ[\w-]++\.[\w.-]++                                         # a JSON Web Token
    | (?<=://) [^\s/@]++ (?=@)                                       # user and password in a URL
    | (?P<query> \? (?:(?<=/\?)|(?=[\w.~%+\[\]-]+=)) ) [^\s"'<>]++
    | (?<!{_LOCAL}) {_LOCAL}++ (?:@|%40) [^\W\d_][\w.-]*+            # UPI id, e-mail address

    | \(?\+[1-9]\d{{0,2}} (?:[ ().-]{{0,2}}\d){{7,13}} {_ENDS}       # telephone number with its country code
    | {_BEGINS} (?: (?:00|0)?91[ .-]? | 0[ .-]? )? (?:               # Indian mobile, in one piece or in groups
          [6-9]\d{{9}}
        | (?=[6-9](?:[ .-]?\d){{9}}{_ENDS}) \d{{2,5}} (?P<gap>[ .-]) \d{{2,5}}
          (?: (?P=gap)\d{{2,5}} | (?:(?P=gap)\d\d){{3}} )?
      ) {_ENDS}
    | {_BEGINS} (?:                                                  # card, bank account, Aadhaar
          \d{{11,19}}
        | \d{{4,6}} (?:\.\d{{4,6}}){{2,3}}
        | (?=(?:\d[ -]?){{10,18}}\d{_ENDS}) \d{{2,8}} (?P<space>[ -]) \d{{2,8}} (?:(?P=space)\d{{2,8}}){{0,5}}
      ) {_ENDS}
    | {_BEGINS} (?:\d\d)?                                            # PAN; or GSTIN, which has a PAN in it
      (?: [A-Z]{{5}}[ -]?\d{{4}}[ -]?[A-Z] | (?i:[a-z]{{5}}\d{{4}}[a-z]) ) (?i:[a-z\d]{{3}})? {_ENDS}
    """,
    re.VERBOSE,
)
# Most of what is logged, paths and ids and words, can hold none of all that, and this sees it in a tenth of the time.
_HARMLESS, _MANY_DIGITS = re.compile(r"[\w/.-]*+"), re.compile(r"\d(?:\d\d\d|(?:[.-]?\d){9})")
_ID = re.compile(
    r"(?=[\d_-]*+[A-Za-z]) [A-Za-z\d_-]{18,}+", re.VERBOSE | re.ASCII
)  # longer than a GSTIN, no mere number

# Fields of ours whose values look like somebody's number now and then.
_READABLE_FIELDS = {"request_id": re.compile(r"[0-9a-f]{16}"), "utr": re.compile(r"\d{12}")}


def masked(value: Any, name: str = "", deepest: int = DEEPEST) -> Any:
    """Return the same without secrets and personal data; what is not JSON, as the text that it becomes.

    :param name: of the field that holds it
    """
    if value is None:
        return None
    if _is_secret(name) or not deepest:
        return MASK
    if isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        return {_masked_key(key): masked(item, str(key), deepest - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, "", deepest - 1) for item in value]
    if isinstance(value, str):
        readable = _READABLE_FIELDS.get(name)
        return value if readable and readable.fullmatch(value) else _masked_text(value)
    try:
        return _masked_text(str(value))
    except Exception:  # noqa: BLE001 - it is anybody's method, and the rest of the line is worth writing
        return MASK


@lru_cache(maxsize=1000)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _masked_key(key: Any) -> Any:
    return key if key is None or isinstance(key, int | float) else _masked_text(str(key))


def _masked_text(text: str) -> str:
    if _ID.fullmatch(text) or (_HARMLESS.fullmatch(text) and not _MANY_DIGITS.search(text) and "eyJ" not in text):
        return text
    return _UNNAMED.sub(_cover, _NAMED.sub(rf"\g<name>\g<quote>{MASK}\g<quote>", text))


def _cover(found: re.Match[str]) -> str:
    return found["readable"] or (found["query"] or "") + MASK

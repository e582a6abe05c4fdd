"""Forms of a text that look alike: invisible characters, composition, width, case.

`reconcile/decide/matching/forms.sql` states the same in SQL, for whole tables; a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

INVISIBLE = (
    r"\x{AD}\x{34F}\x{61C}\x{115F}-\x{1160}\x{17B4}-\x{17B5}\x{180B}-\x{180F}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{3164}"
    r"\x{FE00}-\x{FE0F}\x{FEFF}\x{FFA0}\x{FFF0}-\x{FFFB}\x{1BCA0}-\x{1BCA3}\x{1D173}-\x{1D17A}\x{E0000}-\x{E0FFF}"
    r"\x{00}-\x{08}\x{0E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}"
)
"""The default ignorable characters of Unicode (zero width, bidi, soft hyphen, variation selectors, tags, byte order mark) and control
characters that are no white space, as a class of RE2, which DuckDB uses."""

_INVISIBLE = re.compile("[" + re.sub(r"\\x\{([0-9A-F]+)\}", lambda found: rf"\U{int(found[1], 16):08x}", INVISIBLE) + "]")
_SPACE = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
_RANGES = (
    (0xA0, 0x3400),
    (0xA600, 0xAC00),
    (0xF900, 0x10000),
    (0x10700, 0x10800),
    (0x1CC00, 0x1CF00),
    (0x1D000, 0x1D800),
    (0x1DF00, 0x1FC00),
    (0x2F800, 0x2FA20),
)
"""Ranges in which Unicode has compatibility forms."""


def plain(text: str) -> str:
    """The text without invisible characters and outer white space, composed, in the usual width (NFKC, letter for letter)."""
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    seen = _SPACE.sub(" ", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", "".join(compatible_forms().get(letter, letter) for letter in seen)).strip()


def comparable(text: str) -> str:
    """Returns the form in which two texts are compared without regard to case, width, composition and invisible characters.

    Letters are folded one by one, so that two addresses are never taken for one: `ß` is no `ss`.
    """
    return one_case(plain(text))


def one_case(text: str) -> str:
    """The text without the differences in case that do not count."""
    if text.isascii():
        return text.lower()
    return text.replace("\u0130", "i").lower().replace("i\u0307", "i").replace("\u03c2", "\u03c3")


def same_but_case(one: str, other: str) -> bool:
    """Whether two texts differ in case and composition alone, if at all."""
    return one_case(unicodedata.normalize("NFC", one)) == one_case(unicodedata.normalize("NFC", other))


@cache
def compatible_forms() -> dict[str, str]:
    """Each letter that has one usual letter, such as a full-width one, with that letter."""
    letters = (chr(code) for first, end in _RANGES for code in range(first, end))
    usual = ((letter, unicodedata.normalize("NFKC", letter)) for letter in letters)
    return {letter: form for letter, form in usual if len(form) == 1 and form != unicodedata.normalize("NFC", letter)}


@cache
def compatible_class() -> str:
    """The same letters as a class of RE2."""
    codes = sorted(map(ord, compatible_forms()))
    firsts = [after for before, after in zip([-1, *codes], codes, strict=False) if after != before + 1]
    lasts = [before for before, after in zip(codes, [*codes[1:], -1], strict=True) if after != before + 1]
    return "[" + "".join(f"\\x{{{first:X}}}-\\x{{{last:X}}}" for first, last in zip(firsts, lasts, strict=True)) + "]"

"""Finds the encoding of a text file from its bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from unicodedata import category

_ORDINARY = frozenset("’‘“”„–—…€£§°´`·«»¡¿ªº\u00a0\u00ad")
"""Marks beside letters that people and programs write into names, titles and addresses."""
_ODD_LETTERS = frozenset("ŠšŒœŽžŸƒ")
"""Letters of cp1252 at bytes where other code pages have common letters: a file with no other letters is probably in another code page."""


@dataclass(frozen=True, slots=True)
class FoundEncoding:
    """Encoding of a file, and how sure that is."""

    name: str
    certain: bool = True
    letters: str = ""
    """The letters beyond ASCII as this encoding reads them, where another one would read others."""


UTF_8 = FoundEncoding("utf-8")


def find_encoding(body: bytes) -> FoundEncoding:
    """Returns the encoding; `certain` is false where the bytes fit several, or none."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return FoundEncoding("utf-16")
    if (zeros := body[:256].count(0)) and zeros >= len(body[:256]) // 3:
        return FoundEncoding("utf-16-le" if body[1:2] == b"\0" else "utf-16-be")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return _old_encoding(body)
    return UTF_8


def _old_encoding(body: bytes) -> FoundEncoding:
    try:
        text = body.decode("cp1252")
    except UnicodeDecodeError:
        return FoundEncoding("latin-1", certain=False)
    letters = {each for each in text if not each.isascii()}
    odd = any(category(each)[0] not in "LM" and each not in _ORDINARY for each in letters)
    usual = any("\u00c0" <= each <= "\u00ff" for each in letters)
    certain = not odd and (usual or not letters & _ODD_LETTERS)
    return FoundEncoding("cp1252", certain, "".join(sorted(each for each in letters if each.isprintable())))

"""Takes the secrets that this process uses out of whatever leaves a connector, in whatever way a server has written them.

A server may repeat what it was sent: in an error, a header, a redirect, a user's attribute. What is cleaned is the whole text, before
anything is cut off it, so that no half of a secret stays.
"""

from __future__ import annotations

import base64
import html.entities
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MARK = "(secret removed)"
"""Stands where a secret stood."""
SHORTEST = 4
"""Characters. What is shorter is in every sentence."""
SHORTEST_IN_DATA = 8
"""Characters of a secret that is looked for in what a system states of people: a shorter one stands there by chance."""
_MOST_TEMPORARY = 64
_BEGINNING = 4
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.?[\w.-]*")
"""A JSON Web Token: an assertion, a proof, an access token, each used once or not ours to show."""


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds one secret in any writing."""

    pattern: re.Pattern[bytes]
    marks: tuple[bytes, ...]
    """Parts of which every text that holds the secret has one, in lower case: looking for them is many times faster."""

    def clean(self, text: bytes, lower: bytes) -> bytes:
        return self.pattern.sub(MARK.encode(), text) if any(mark in lower for mark in self.marks) else text


_lasting: dict[str, bool] = {}
"""Each with whether it is ever sent: a key only signs."""
_temporary: deque[str] = deque(maxlen=_MOST_TEMPORARY)


def remember(secret: str) -> str:
    """The secret itself, from now on looked for in everything."""
    lines = _lines(secret)
    for each in (secret, *lines):
        if len(each) >= SHORTEST:
            _lasting[each] = not lines
    return secret


def remember_for_a_while(secret: str) -> str:
    """Remembers one of many secrets that follow each other, such as access tokens, for a limited time."""
    if len(secret) >= SHORTEST and secret not in _temporary:
        _temporary.append(secret)
    return secret


def cleaned(text: str) -> str:
    """A sentence without secrets."""
    known = [*_lasting, *_temporary]
    found = _cleaned(text.encode(errors="surrogatepass"), known).decode(errors="surrogatepass")
    return _TOKEN.sub(MARK, found) if "eyJ" in found else found


def cleaned_data(body: bytes) -> bytes:
    """Removes secrets from what a system states."""
    sent = [each for each, is_sent in _lasting.items() if is_sent]
    return _cleaned(body, [each for each in (*sent, *_temporary) if len(each) >= SHORTEST_IN_DATA])


def _cleaned(text: bytes, known: Sequence[str]) -> bytes:
    if not known:
        return text
    lower = text.lower()
    # A longer one may hold a shorter one.
    for secret in sorted(known, key=len, reverse=True):
        for finder in _finders(secret):
            again = finder.clean(text, lower)
            if again is not text:
                text, lower = again, again.lower()
    return text


def _lines(secret: str) -> list[str]:
    """The lines of a key that are secret by themselves."""
    lines = secret.splitlines()
    return [line.strip() for line in lines if len(line.strip()) > 3 * SHORTEST and not line.startswith("-----")] if len(lines) > 1 else []


@lru_cache(maxsize=4 * _MOST_TEMPORARY)
def _finders(secret: str) -> tuple[_Finder, ...]:
    packed = {bytes(packed) for packed in _packed(secret.encode(errors="surrogatepass"))}
    return _finder(secret), *(_Finder(re.compile(re.escape(each), re.IGNORECASE), (each.lower(),)) for each in sorted(packed))


def _finder(secret: str) -> _Finder:
    writings = [_writings(letter) for letter in secret]
    pattern = "".join(f"(?:{'|'.join(each)})" for each in writings).encode("latin-1")
    beginning = secret[:_BEGINNING]
    escaped = {mark for letter in beginning for mark in _escapes(letter)}
    # Bytes know the case of ASCII only; an empty mark is in every text.
    plain = beginning[: next((at for at, letter in enumerate(beginning) if not letter.isascii()), len(beginning))].lower().encode()
    return _Finder(re.compile(pattern, re.IGNORECASE), (plain, *sorted(escaped)))


def _writings(letter: str) -> list[str]:
    """Lists the ways to write one letter, as patterns over the bytes of a text, one letter of the pattern a byte."""
    cases = sorted({letter, letter.upper(), letter.lower()})
    plain, *others = (re.escape(each.encode(errors="surrogatepass")).decode("latin-1") for each in cases)
    code = ord(letter)
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in letter.encode(errors="surrogatepass"))
    named = [f"&(?:amp;)*{name.rstrip(';')};?" for name, meant in _ENTITIES.items() if meant == letter]
    numbered = [rf"&(?:amp;)*#0*{code};?", rf"&(?:amp;)*#x0*{code:x};?"]
    units = letter.encode("utf-16-be", "surrogatepass")
    unicode = "".join(rf"\\+u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
    backslash = [] if letter.isalnum() else [rf"\\+{plain}"]
    spaces = [r"\+"] if letter == " " else []
    return [plain, *others, percent, *named, *numbered, unicode, *backslash, *spaces]


def _escapes(letter: str) -> list[bytes]:
    """Lists the escapes, in lower case, that write this letter in any other way than as itself."""
    last = letter.encode(errors="surrogatepass")[-1]
    units = letter.encode("utf-16-be", "surrogatepass")[:2].hex()
    named = [name.rstrip(";").lower() for name, meant in _ENTITIES.items() if meant == letter]
    marks = ["&#", "amp;#", f"%{last:02x}", f"25{last:02x}", f"u{units}"]
    if not letter.isalnum():
        marks.append(f"\\{letter}".lower())
    if letter == " ":
        marks.append("+")
    return [each.encode(errors="surrogatepass") for each in (*marks, *named)]


def _packed(secret: bytes) -> list[bytes]:
    """Lists the parts that the base64 of any text with the secret holds, by its place among three bytes, and its hexadecimal form."""
    found = [secret.hex().encode()]
    for before in range(3):
        whole = base64.b64encode(bytes(before) + secret).rstrip(b"=")
        sure = whole[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        found += [sure, sure.translate(bytes.maketrans(b"+/", b"-_"))]
    return [each for each in found if len(each) >= SHORTEST_IN_DATA]


_ENTITIES = {name: meant for name, meant in html.entities.html5.items() if len(meant) == 1 and meant.isascii() and not meant.isalnum()}

"""Characters that a reader cannot see, or that reorder what stands around them, as escapes.

Unicode TR 36, section 2.10 (bidirectional controls); ECMA-48 (C0 and C1 controls, which move a terminal's cursor, clear it or set its title).
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache

SHORT_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Unicode's Default_Ignorable_Code_Point outside those categories, and the blank braille pattern.
UNSEEN_LETTERS = (
    frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0})
    | frozenset(range(0x180B, 0x1810))
    | frozenset(range(0xFE00, 0xFE10))
    | frozenset(range(0xE0100, 0xE01F0))
)
_LETTERS = r"\xa1-\xac\xae-\u02ff\u0400-\u052f\u4e00-\u9ffc"
_MAYBE_UNSEEN_IN_A_CELL = re.compile(rf"[^\t\r\n\x20-\x7e{_LETTERS}]")
_MAYBE_UNSEEN = re.compile(rf"[^\x00-\x7e{_LETTERS}]")
"""Characters that JSON does not escape and that may be invisible. All of Latin, Cyrillic and most of Chinese is seen."""
LONGEST_SENTENCE = 2_000


def visible(text: str) -> str:
    r"""A name or a sentence with every character escaped that cannot be seen; the end of an absurdly long one is left out.

    A backslash stays as it is: the account `corp\ann` is called so.
    """
    left_out = len(text) - LONGEST_SENTENCE
    return f"{seen_line(text[:LONGEST_SENTENCE])} … {left_out:,} characters …" if left_out > 0 else seen_line(text)


def seen_line(text: str) -> str:
    """The text on one line, with every character escaped that cannot be seen; a backslash stays as it is."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character == "\\" else SHORT_ESCAPES.get(character) or seen(character) for character in text)


def escaped(text: str) -> str:
    """A value on one line, with every character escaped that cannot be seen; a backslash is doubled, so that no two values look alike."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(SHORT_ESCAPES.get(character) or seen(character) for character in text)


def seen(character: str) -> str:
    """The character, or its escape where it cannot be seen."""
    return _escape(character) if _is_unseen(character) else character


def visible_lines(text: str) -> str:
    """Escapes every invisible character of finished lines, the ends of the lines excepted.

    What a system or a file says inside such a line must have gone through `visible`: its own line feeds would begin lines here.
    """
    return "\n".join(map(_visible_line, text.split("\n")))


def _visible_line(line: str) -> str:
    end = "\r" if line.endswith("\r") else ""
    text = line.removesuffix(end)
    return line if text.isascii() and text.isprintable() else "".join(map(seen, text)) + end


def seen_lines(text: str) -> str:
    """The text with every character escaped that cannot be seen, the ends of lines and tabs excepted; a backslash stays as it is."""
    return _MAYBE_UNSEEN_IN_A_CELL.sub(lambda found: seen(found[0]), text)


def visible_json(text: str) -> str:
    """The text of a JSON document that means the same and holds no character that cannot be seen, the ends of its lines excepted."""
    return _MAYBE_UNSEEN.sub(_seen_in_json, text)


def _seen_in_json(found: re.Match[str]) -> str:
    character = found[0]
    return json.dumps(character)[1:-1] if _is_unseen(character) else character


@cache
def _is_unseen(character: str) -> bool:
    code = ord(character)
    category = unicodedata.category(character)
    return category in UNSEEN_CATEGORIES or code in UNSEEN_LETTERS or (category == "Zs" and character != " ")


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

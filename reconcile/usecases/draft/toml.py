"""Writes texts of a file into TOML, whatever they hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from mappings.problems import ASK
from reconcile.visible import visible

LONGEST_SHOWN = 60
"""Characters of a text from the file in a comment."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def quoted(text: str) -> str:
    """The text as a TOML string: a literal one where that is easier to read."""
    if ('"' in text or "\\" in text) and "'" not in text and text.isprintable():
        return f"'{text}'"
    return "".join(each if each.isprintable() else _escape(each) for each in json.dumps(text, ensure_ascii=False))


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def key(text: str) -> str:
    """The text as a key."""
    return text if _BARE.fullmatch(text) else quoted(text)


def listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def shown(text: str) -> str:
    """The text in a comment: one line, short, without anything that cannot be seen."""
    seen = visible(text)
    return seen if len(seen) <= LONGEST_SHOWN else f"{seen[:LONGEST_SHOWN]}…"


def shown_whole(sentence: str) -> str:
    """A sentence in a comment, on one line."""
    return visible(sentence)


def column(name: str) -> str:
    """A column in an SQL expression."""
    return '"' + name.replace('"', '""') + '"'


def text(word: str) -> str:
    """A text in an SQL expression."""
    return "'" + word.replace("'", "''") + "'"


def asked(question: str) -> str:
    """A value that `check` refuses with the question."""
    return quoted(f"{ASK}{visible(question)}")

"""Limits on what one record of a system or a file may hold, and the checks that keep a record outside of them from the store.

docs/configuration.md lists them ("Limits of what is read"). What is outside costs one quarantined record, never the read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

import msgspec

from connectors.contract import Entitlement, Membership, Quarantined, Record, Rows
from connectors.quoting import quoted

LONGEST_ID = 1_000
"""Characters of an id or a key."""
LONGEST_NAME = 10_000
"""Characters of the name of a group, an app or a role."""
LONGEST_RECORD = 1 << 20
"""Characters of the attributes of one record, as JSON."""
LONGEST_CELL = 1 << 17
"""Characters of one cell of a CSV file or a workbook."""
LONGEST_ROW = 1 << 22
"""Characters of one row of a CSV file or a workbook. No row of people is longer."""
MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576
"""Limits of a sheet; a CSV file has no more columns either."""
DEEPEST = 64
"""Levels of objects and lists inside one another."""
MOST_DIGITS = 40
"""Digits of a number."""
LARGEST_COUNT = 1 << 53
"""The largest total that a system or a file states."""
LONGEST_EVIDENCE = 4_000
"""Characters of an unusable record that are kept as evidence."""

_LONG_NUMBER = re.compile(rf"[:\[,]\s*-?[0-9.]{{{MOST_DIGITS + 1}}}")
_ALL_DIGITS_ZERO = bytes.maketrans(b"123456789", b"000000000")
_LONG_RUN = b"0" * (MOST_DIGITS + 1)
_object = msgspec.json.Decoder(dict[str, Any]).decode
R = TypeVar("R", Record, Entitlement, Membership)


def usable_id(text: str) -> str:
    """The id itself. Raises ValueError for what cannot be one: it is stored, shown, and stands in addresses."""
    if text in ("", ".", ".."):
        raise ValueError(f"the id {quoted(text)} names nothing")
    if len(text) > LONGEST_ID:
        raise ValueError(f"the id has {len(text)} characters, more than {LONGEST_ID}")
    if text.isprintable():
        return text
    raise ValueError(f"the id {quoted(text)} holds characters that cannot be shown")


def object_text(raw: bytes | msgspec.Raw) -> str:
    """The text of a JSON object, as it was written where every reader of JSON reads it alike. Raises ValueError.

    Readers differ about a name that is there twice: it is taken once where the values agree, and refused where they do not.
    """
    try:
        value = _object(raw)
        written = bytes(raw)
        text = written.decode()
        # Most records are flat objects whose names are seen to be different without looking at each of them.
        if text.count('":') != len(value) or " :" in text or "\n" in text or "\t" in text or "\r" in text:
            text = _without_repeats(text)
        elif text.count("[") < DEEPEST and _LONG_RUN not in written.translate(_ALL_DIGITS_ZERO):
            return text
        refuse_extremes(text)
    except RecursionError:
        _too_deep()
    return text


def refuse_extremes(text: str) -> None:
    """Raises ValueError for the text of a JSON value that is longer or deeper than allowed, or holds a longer number."""
    if len(text) > LONGEST_RECORD:
        raise ValueError(f"the record has {len(text)} characters, more than {LONGEST_RECORD}")
    if text.count("{") + text.count("[") > DEEPEST or _LONG_NUMBER.search(text):
        _refuse_deep(json.loads(text, parse_int=_bounded_int), DEEPEST)


def stated_count(digits: str) -> int:
    """A total from its digits; one that is larger than anything has is as large as a total can be, and never right."""
    return min(int(digits), LARGEST_COUNT) if len(digits) <= MOST_DIGITS else LARGEST_COUNT


def evidence(text: str) -> str:
    """The beginning of an unusable record, without halves of characters."""
    return text[:LONGEST_EVIDENCE].encode(errors="replace").decode()


def usable_rows(rows: Rows, position: str, forbidden: str = "") -> Rows:
    """The rows of one page, those outside of the limits, and those that hold a forbidden text, quarantined; `position` says where the page was."""
    odd: list[Quarantined] = []
    kept = replace(
        rows,
        records=_usable(rows.records, position, forbidden, odd),
        entitlements=_usable(rows.entitlements, position, forbidden, odd),
        memberships=_usable(rows.memberships, position, forbidden, odd),
    )
    shown = [each._replace(id=_storable(each.id), reason=evidence(each.reason), raw=evidence(each.raw)) for each in rows.quarantined]
    return replace(kept, quarantined=[*shown, *odd])


def _usable(rows: Iterable[R], position: str, forbidden: str, odd: list[Quarantined]) -> list[R]:
    kept: list[R] = []
    for row in rows:
        if fault := _fault(row, forbidden):
            odd.append(Quarantined(position, _storable(row[0]), fault, evidence(repr(row))))
        else:
            kept.append(row)
    return kept


def _fault(row: Record | Entitlement | Membership, forbidden: str) -> str:
    """Returns why a row is outside of the limits; empty where it is not."""
    if not row[0]:
        return "the record has no id"
    for text, most in _texts(row):
        if len(text) > most:
            return f"the record holds {len(text)} characters where {most} are allowed"
        if forbidden and forbidden in text:
            return "the record repeats a secret that the system was sent"
        if not (text.isascii() or _is_unicode(text)):
            return "the record holds text that is no Unicode"
    return ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(row: Record | Entitlement | Membership) -> Iterator[tuple[str, int]]:
    match row:
        case Record():
            yield from ((row.id, LONGEST_ID), (row.attributes, LONGEST_RECORD), (row.status, LONGEST_ID), (row.updated, LONGEST_ID))
        case Entitlement():
            yield from ((row.id, LONGEST_ID), (row.name, LONGEST_NAME), (row.attributes, LONGEST_RECORD))
            yield from ((row.updated, LONGEST_ID), (row.type, LONGEST_ID))
        case Membership():
            yield from ((row.account_id, LONGEST_ID), (row.entitlement_id, LONGEST_ID), (row.via, LONGEST_ID))


def _storable(text: str) -> str:
    """An id that can be stored; empty for any other, as for a record that does not say who it is."""
    return text if len(text) <= LONGEST_ID and text.isprintable() else ""


def _without_repeats(text: str) -> str:
    repeats = False

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeats
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found and found[name] != value:
                raise ValueError(f"the record states {name[:100]} twice, and differently")
            found[name] = value
        repeats = repeats or len(found) < len(pairs)
        return found

    value = json.loads(text, object_pairs_hook=once, parse_int=_bounded_int)
    return msgspec.json.encode(value).decode() if repeats else text


def _bounded_int(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"the record holds a number of {len(text)} digits, more than {MOST_DIGITS}")
    return int(text)


def _refuse_deep(value: object, left: int) -> None:
    if not isinstance(value, dict | list):
        return
    if left == 0:
        _too_deep()
    for inner in value.values() if isinstance(value, dict) else value:
        _refuse_deep(inner, left - 1)


def _too_deep() -> NoReturn:
    raise ValueError(f"the record is nested more than {DEEPEST} levels deep")

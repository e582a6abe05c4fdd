"""Renders values so that two different values never look the same.

Characters that cannot be seen, or that reorder what stands around them (Unicode TR 36, section 2.10: bidirectional controls),
are shown as escapes. `null`, the empty string and an attribute that is not there at all are three different things to see.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from connectors.contract import EntitlementKind, Value
from reconcile.plan.model import ENDING, Operation, Verb
from reconcile.plan.operation_overview import OperationClass
from reconcile.visible import escaped, seen, seen_line, visible

LONGEST = 240
_ENDS = ENDING | {Verb.DELETE_GROUP}
CONTEXT = 30
ITEMS = 12
"""Number of items that are shown of a very long value: in CSV and JSON it is whole."""


class Mark(StrEnum):
    """Kind of a piece of a value, for its highlighting."""

    SAME = "same"
    CHANGED = "changed"
    ELIDED = "elided"
    """Stands for what was left out of a very long value."""


class Piece(NamedTuple):
    """A part of a shown value; its text is already escaped for the eye, not for HTML."""

    text: str
    mark: Mark


class Cell(NamedTuple):
    """One value to show. A value that is not text (`null`, `true`, 12, a list) must not look like text."""

    is_text: bool
    pieces: tuple[Piece, ...]

    @property
    def plain(self) -> str:
        """The whole cell; text stands in quotes."""
        shown = "".join(piece.text for piece in self.pieces)
        return f'"{shown}"' if self.is_text else shown


class Change(NamedTuple):
    """One attribute, before and after. `before` is None where there was nothing to compare with, as in a new account."""

    label: str
    before: Cell | None
    after: Cell


def changes(operation: Operation) -> Iterator[Change]:
    """Yields the changes of the operation, attribute by attribute, in the order of the mapping."""
    # What else the state of an account was computed from is no change.
    for name in operation.after if operation.verb in _ENDS else dict.fromkeys([*operation.after, *operation.before]):
        if operation.verb in (Verb.CREATE, Verb.CREATE_GROUP):
            yield Change(visible(name), None, _whole(operation.after[name], Mark.SAME))
        elif name == "member" and (operation.entitlement_id or operation.entitlement):
            yield Change(entitlement(operation), _member(operation.before), _member(operation.after))
        else:
            yield Change(visible(name), *_pair(operation.before, operation.after, name))


def attribute_changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[tuple[str, Cell, Cell]]:
    """The label of each attribute that changes, with its value before and after."""
    return ((visible(name), *_pair(before, after, name)) for name in dict.fromkeys([*after, *before]))


def entitlement(operation: Operation | OperationClass) -> str:
    """Names the entitlement that is given or taken: a group by its name alone, `app Wiki`, `role editor`."""
    kind = "" if operation.entitlement_kind in ("", EntitlementKind.GROUP) else f"{operation.entitlement_kind} "
    return kind + visible(operation.entitlement or operation.entitlement_id)


def as_json(value: Value) -> str:
    """The value as JSON, the keys sorted; a lone surrogate, which UTF-8 cannot hold, as its escape."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=dict)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(value: Value) -> str:
    """A value in a sentence: text in quotes, `not set` where there is none."""
    return "not set" if value is None else f"'{seen_line(value)}'" if isinstance(value, str) else _visible_json(value)


def _visible_json(value: Value) -> str:
    """JSON has escaped backslashes and line ends already, so they are not escaped again."""
    return "".join(map(seen, as_json(value)))


def _whole(value: Value, mark: Mark) -> Cell:
    is_text = isinstance(value, str)
    return Cell(is_text, _pieces([(escaped(value) if isinstance(value, str) else _visible_json(value), mark)]))


def _member(values: Mapping[str, Value]) -> Cell:
    word = "member" if values.get("member") else "not a member"
    return Cell(is_text=False, pieces=(Piece(word, Mark.CHANGED),))


def _pair(before: Mapping[str, Value], after: Mapping[str, Value], name: str) -> tuple[Cell, Cell]:
    absent = Cell(is_text=False, pieces=(Piece("not set", Mark.CHANGED),))
    if name not in before or name not in after:
        return (
            _whole(before[name], Mark.CHANGED) if name in before else absent,
            _whole(after[name], Mark.CHANGED) if name in after else absent,
        )
    old, new = before[name], after[name]
    if isinstance(old, str) and isinstance(new, str):
        return _text_pair(old, new)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return _list_pair([_visible_json(item) for item in old], [_visible_json(item) for item in new])
    return _whole(old, Mark.CHANGED), _whole(new, Mark.CHANGED)


def _text_pair(old: str, new: str) -> tuple[Cell, Cell]:
    """Marks what differs where the two texts are mostly alike, else the whole of both."""
    start = _shared_length(old, new)
    end = _shared_length(old[start:][::-1], new[start:][::-1])
    if 2 * (start + end) < max(len(old), len(new)):
        start, end = 0, 0
    return _split(old, start, end), _split(new, start, end)


def _shared_length(left: str, right: str) -> int:
    """Counts the characters that both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _split(text: str, start: int, end: int) -> Cell:
    stop = len(text) - end
    parts = [(text[:start], Mark.SAME), (text[start:stop], Mark.CHANGED), (text[stop:], Mark.SAME)]
    return Cell(is_text=True, pieces=_pieces([(escaped(part), mark) for part, mark in parts]))


def _list_pair(old: Sequence[str], new: Sequence[str]) -> tuple[Cell, Cell]:
    """Marks the items only one of the lists has; where only their order or number differs, the whole of both."""
    shared = frozenset() if set(old) == set(new) else frozenset(old) & frozenset(new)
    return _list_cell(old, shared), _list_cell(new, shared)


def _list_cell(items: Sequence[str], shared: frozenset[str]) -> Cell:
    """Renders a list. In a very long one the shared items are only counted, and so are those after the first few of the others."""
    if sum(map(len, items)) > LONGEST:
        own = [item for item in items if item not in shared]
        shown, left_out = own[:ITEMS], len(items) - len(own[:ITEMS])
    else:
        shown, left_out = list(items), 0
    parts = [(item, Mark.SAME if item in shared else Mark.CHANGED) for item in shown]
    if left_out:
        parts.append((f"… {left_out:,} more …", Mark.ELIDED))
    separated = [part for part in parts for part in ((", ", Mark.SAME), part)][1:]
    brackets = ("[", Mark.SAME), ("]", Mark.SAME)
    return Cell(is_text=False, pieces=tuple(piece for part in (brackets[0], *separated, brackets[1]) for piece in _pieces([part])))


def _pieces(parts: Sequence[tuple[str, Mark]]) -> tuple[Piece, ...]:
    """The parts that are not empty. Of a very long value the beginning of what changed stays, and a little of what is around it."""
    parts = [(text, mark) for text, mark in parts if text]
    if sum(len(text) for text, _ in parts) <= LONGEST:
        return tuple(Piece(*part) for part in parts)
    return tuple(
        piece
        for number, (text, mark) in enumerate(parts)
        for piece in _shortened(text, mark, beside_change=len(parts) > 1 and mark is Mark.SAME, first=number == 0)
    )


def _shortened(text: str, mark: Mark, *, beside_change: bool, first: bool) -> Iterator[Piece]:
    limit = CONTEXT if beside_change else LONGEST // 2
    left_out = Piece(f"… {len(text) - limit:,} characters …", Mark.ELIDED)
    if len(text) <= limit + CONTEXT:
        yield Piece(text, mark)
    elif beside_change and first:
        yield from (left_out, Piece(text[-limit:], mark))
    else:
        yield from (Piece(text[:limit], mark), left_out)

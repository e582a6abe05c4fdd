"""Selects objects by an Okta `filter` or `search` expression."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.sandbox.okta.errors import OktaError

T = TypeVar("T")
Test = Callable[[T], bool]

EQUALITY = frozenset({"eq"})
ORDER = frozenset({"eq", "gt", "ge", "lt", "le"})
PREFIX = ORDER | {"sw", "pr"}
TEXT = PREFIX | {"co"}

_TOKEN = re.compile(r'\s*(?:(?P<word>[A-Za-z_][\w.\-]*)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<paren>[()]))')
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?Z")
_COMPARISONS: dict[str, Callable[[str | float, str | float], bool]] = {
    "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One name an expression may use: how its value is read, which operators it takes, and whether it is a time."""

    read: Callable[[T], object]
    operators: frozenset[str]
    is_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect(Generic[T]):
    """One of Okta's expression languages."""

    fields: Mapping[str, Field[T]]
    case_sensitive: bool
    unsupported: str
    """The error code for a name or operator it does not have."""


def compiled(text: str, dialect: Dialect[T]) -> Test[T]:
    """The test an expression stands for; `and` binds tighter than `or`. Raises OktaError E0000031 for one that cannot be read."""
    reader = _Reader(_tokens(text), dialect)
    test = reader.alternatives()
    reader.end()
    return test


def malformed() -> OktaError:
    return OktaError("E0000031", causes=["Invalid search query."])


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position, text = 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise malformed()
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Reader(Generic[T]):
    """Reads one expression from left to right."""

    def __init__(self, tokens: list[tuple[str, str]], dialect: Dialect[T]) -> None:
        self._tokens = tokens
        self._dialect = dialect

    def alternatives(self) -> Test[T]:
        tests = [self._conjunction()]
        while self._accept("word", "or"):
            tests.append(self._conjunction())
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def end(self) -> None:
        if self._tokens:
            raise malformed()

    def _conjunction(self) -> Test[T]:
        tests = [self._term()]
        while self._accept("word", "and"):
            tests.append(self._term())
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def _term(self) -> Test[T]:
        if self._accept("paren", "("):
            test = self.alternatives()
            if not self._accept("paren", ")"):
                raise malformed()
            return test
        name, sign = self._take("word"), self._take("word").lower()
        field = self._dialect.fields.get(name)
        if field is None or sign not in field.operators:
            raise OktaError(self._dialect.unsupported, causes=["Invalid search query."])
        return self._present(field) if sign == "pr" else self._compared(field, sign, self._value(field))

    def _present(self, field: Field[T]) -> Test[T]:
        return lambda item: field.read(item) not in (None, "", [])

    def _compared(self, field: Field[T], sign: str, wanted: str | float) -> Test[T]:
        exact = self._dialect.case_sensitive or field.is_time

        def test(item: T) -> bool:
            value = field.read(item)
            values = value if isinstance(value, list) else [value]
            return any(_holds(sign, one if exact else _folded(one), wanted) for one in values)

        return test

    def _value(self, field: Field[T]) -> str | float:
        kind, text = self._tokens.pop(0) if self._tokens else ("", "")
        if kind == "word" and text in ("true", "false"):
            return float(text == "true")
        if kind == "number":
            return float(text)
        if kind != "text":
            raise malformed()
        value = re.sub(r"\\(.)", r"\1", text[1:-1])
        if field.is_time:
            return _time(value)
        return value if self._dialect.case_sensitive else value.casefold()

    def _accept(self, kind: str, text: str) -> bool:
        if self._tokens and self._tokens[0][0] == kind and self._tokens[0][1].lower() == text:
            del self._tokens[0]
            return True
        return False

    def _take(self, kind: str) -> str:
        if not self._tokens or self._tokens[0][0] != kind:
            raise malformed()
        return self._tokens.pop(0)[1]


def _time(text: str) -> str:
    """A time in the form Okta's own times have, so that text order is time order."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise malformed()
    return f"{match[1]}.{(match[2] or '').ljust(3, '0')}Z"


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _holds(sign: str, value: object, wanted: str | float) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        if sign == "sw":
            return value.startswith(wanted)
        if sign == "co":
            return wanted in value
        if sign == "ew":
            return value.endswith(wanted)
    elif not (isinstance(value, int | float) and isinstance(wanted, float)):
        return False
    return value == wanted if sign == "eq" else sign in _COMPARISONS and _COMPARISONS[sign](value, wanted)

"""Names under which accounts and people are protected: what an entry of `[protected]` matches.

An entry is compared without regard to case, width, Unicode composition, invisible characters and outer spaces. `*` in it stands for any
characters and `?` for one. Leading zeros count: an entry that lost them is reported, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from fnmatch import translate
from functools import cache
from typing import NamedTuple

from connectors.contract import Traits, Value
from reconcile.plan.same_account import fold

_NAMING = frozenset({"login", "username", "email", "secondemail", "emails"})
"""Attributes, up to their first dot, that hold a login or an address in any target, beside those of its traits."""


class Match(NamedTuple):
    """A name, and the entry that protects it, both folded."""

    name: str
    entry: str

    def __str__(self) -> str:
        return self.name if self.name == self.entry else f"{self.name} (by {self.entry})"


def is_pattern(entry: str) -> bool:
    """Whether an entry stands for many names."""
    return "*" in entry or "?" in entry


@cache
def pattern_regex(entry: str) -> str:
    """The regular expression, of Python and of RE2, that a name must match as a whole."""
    return "".join(".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", entry))


def first_match(entries: frozenset[str], names: Collection[str]) -> Match | None:
    """The first of the names, in alphabetical order, that an entry protects; entries and names are folded."""
    if listed := entries.intersection(names) - {""}:
        return Match(min(listed), min(listed))
    patterns = _patterns(entries)
    matches = (Match(name, entry) for name in sorted(set(names) - {""}) for entry, regex in patterns if regex.fullmatch(name))
    return next(matches, None) if patterns else None


def is_name(attribute: str, traits: Traits) -> bool:
    """Whether an attribute of an account holds a login or an address of it."""
    return attribute in (traits.login, traits.email) or attribute.partition(".")[0].lower() in _NAMING


def names_in(values: Mapping[str, Value], traits: Traits) -> Iterator[str]:
    """Every login and address among the attributes of an account, folded."""
    for attribute, value in values.items():
        if is_name(attribute, traits):
            yield from _texts(value)


def _texts(value: Value) -> Iterator[str]:
    match value:
        case str() | bool() | int() | float() | None:
            yield fold(value)
        case Mapping():
            yield from (text for each in value.values() for text in _texts(each))
        case _:
            yield from (text for each in value for text in _texts(each))


@cache
def _patterns(entries: frozenset[str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Python goes back over a text for each `*` of a pattern, RE2 does not; fnmatch writes one that does not go back. A bracket is no set here.
    return tuple((entry, re.compile(translate(entry.replace("[", "[[]")))) for entry in sorted(entries) if is_pattern(entry))

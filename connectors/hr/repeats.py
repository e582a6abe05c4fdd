"""Finds keys that occur more than once in a file, and names each of their rows, without holding a million keys."""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

_RUN = 1 << 14


class KeyHashes:
    """The keys of a file as 64-bit hashes: 8 bytes each. Two keys with one hash only cost a second look."""

    def __init__(self) -> None:
        self._run: list[int] = []
        self._runs: list[array[int]] = []

    def add(self, key: str) -> None:
        self._run.append(hash(key))
        if len(self._run) >= _RUN:
            self._end_run()

    def sorted(self) -> array[int]:
        """All of them, in order."""
        self._end_run()
        return array("q", heapq.merge(*self._runs))

    def _end_run(self) -> None:
        self._runs.append(array("q", sorted(self._run)))
        self._run = []


class KeyedRow(NamedTuple):
    """A row whose key is there twice, or whose key's hash is."""

    key: str
    written: str
    """Key with its invisible characters."""
    attributes: str
    line: int


@dataclass(frozen=True, slots=True)
class Rulings:
    """Special treatment of some rows, by line."""

    ids: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    repeats: set[int] = field(default_factory=set)
    """Rows that state what an earlier row states, the key included: nothing follows from them."""

    def between(self, first: int, last: int) -> Rulings:
        """Returns the rulings of one page."""
        lines = range(first, last + 1) if self.ids or self.refused or self.repeats else ()
        return Rulings(
            {line: self.ids[line] for line in lines if line in self.ids},
            {line: self.refused[line] for line in lines if line in self.refused},
            {line for line in lines if line in self.repeats},
        )


def repeated_hashes(hashes: array[int]) -> set[int]:
    """Returns the hashes that occur more than once."""
    return {one for one, next_one in pairwise(hashes) if one == next_one}


def rule(rows: Iterable[KeyedRow], hashes: array[int]) -> Rulings:
    """Decides how the rows of keys that repeat are named.

    Rows that write the key alike and state the same are one row. Others get `#2`, `#3` in the order of what they say, whatever
    their order in the file. Where the spellings of the key differ in invisible characters, they may or may not mean one
    person: all of them are refused.
    """
    by_key: dict[str, list[KeyedRow]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    rulings = Rulings()
    for key, same in by_key.items():
        spellings = sorted({row.written for row in same})
        if len(spellings) > 1:
            reason = f"the key is written {' and '.join(map(ascii, spellings[:3]))}, which look alike; correct one, or remove its row"
            rulings.refused.update((row.line, reason) for row in same)
            continue
        different: dict[str, int] = {}
        for row in sorted(same, key=lambda row: (row.attributes, row.line)):
            if different.setdefault(row.attributes, row.line) != row.line:
                rulings.repeats.add(row.line)
        if len(different) > 1:
            rulings.ids.update(zip(different.values(), _numbers(key, hashes), strict=False))
    return rulings


def _numbers(key: str, hashes: array[int]) -> Iterator[str]:
    """The key, then `#2`, `#3`, ..., without those that are the key of another row."""
    yield key
    number = 2
    while True:
        name = f"{key}#{number}"
        place = bisect_left(hashes, hash(name))
        if place == len(hashes) or hashes[place] != hash(name):
            yield name
        number += 1

"""Refuses regular expressions of the settings whose matching takes too long.

Python's matching goes back and tries every way in which repeats share a text: `([0-9]+)+` has 2^33 of them over a key of 34 digits. So the
ways of a pattern are counted before it is used, from its text alone: a pattern with few matches in bounded time whatever a file holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import log2

LONGEST_TEXT = 4_000
"""Characters of a text that a pattern of the settings is compared with; no key is as long, and no longer line is a footer."""
_MOST = 3 * log2(LONGEST_TEXT) + 5
"""Ways as a power of two: those of three repeats without an end, and a few small choices."""

_QUANTIFIER = r"(?P<quantifier>(?:[*+?]|\{(?P<least>\d*)(?:(?P<comma>,)(?P<most>\d*))?(?<!\{)\})(?P<mode>[+?]?))"
_TOKEN = re.compile(
    r"(?P<skipped>\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]|\(\?#[^)]*\)|\(\?P=\w+\))|"
    r"(?P<flags>\(\?[a-zA-Z-]+[:)])|"
    r"(?P<open>\((?:\?(?:P<\w+>|\(\w+\)|[:>=!]|<[=!]))?)|"
    rf"(?P<close>\))|(?P<alternative>\|)|{_QUANTIFIER}|.",
    re.DOTALL,
)


@dataclass(slots=True)
class _Group:
    """A group that is being read: its ways as powers of two."""

    earlier: list[float] = field(default_factory=list)
    """Ways of its earlier alternatives."""
    ways: float = 0
    """Ways of the alternative that is being read."""
    last: float = 0
    """Ways of its last part, which a quantifier repeats."""

    def add(self, ways: float) -> None:
        """Takes a part into the alternative."""
        self.ways += ways
        self.last = ways

    def total(self) -> float:
        """Returns the ways of the whole group."""
        return max([*self.earlier, self.ways]) + log2(len(self.earlier) + 1)


def refuse_costly(pattern: str) -> None:
    """Raises ValueError where a pattern, which Python takes, may be tried in too many ways."""
    groups = [_Group()]
    for token in _TOKEN.finditer(pattern):
        if token["flags"] and "x" in token["flags"].partition("-")[0]:
            raise ValueError("the flag x is not taken; write the pattern without spaces and remarks")
        if token["open"] or (token["flags"] and token["flags"].endswith(":")):
            groups.append(_Group())
        elif token["close"]:
            closed = groups.pop()
            groups[-1].add(closed.total())
        elif token["alternative"]:
            groups[-1].earlier.append(groups[-1].ways)
            groups[-1].ways = 0
        elif token["quantifier"]:
            _repeat(groups[-1], token)
        else:
            groups[-1].add(0)
    if groups[0].total() > _MOST:
        raise ValueError(
            "too costly: a text can be tried in endless ways, since a group is repeated that itself repeats or chooses, or more than three repeats have no end; "
            "write one set such as [0-9.]+, bound repeats ({1,20}), or write *+ and ++ where what follows cannot begin with what is repeated"
        )


def _repeat(group: _Group, token: re.Match[str]) -> None:
    least, most = _bounds(token)
    body = group.last
    # A possessive repeat is left in one way only, and so is each round of it, whose own ways are tried once.
    repeated = body if token["mode"] == "+" else body * most + log2(most - least + 1)
    group.ways += repeated - body
    group.last = repeated


def _bounds(token: re.Match[str]) -> tuple[int, int]:
    match token["quantifier"][0]:
        case "*":
            return 0, LONGEST_TEXT
        case "+":
            return 1, LONGEST_TEXT
        case "?":
            return 0, 1
        case _:
            least = int(token["least"] or 0)
            most = int(token["most"] or LONGEST_TEXT) if token["comma"] else least
            return min(least, LONGEST_TEXT), max(least, min(most, LONGEST_TEXT)) if least < LONGEST_TEXT else LONGEST_TEXT

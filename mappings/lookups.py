"""The tables that lie beside the mappings as CSV files, read and checked: every mistake with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mappings.problems import BadConfiguration, Problem, line_of, near_miss
from mappings.rules import Lookup


@dataclass(frozen=True, slots=True)
class LookupTable:
    """One declared table, with its rows."""

    name: str
    rule: Lookup
    rows: Mapping[str, tuple[str | None, ...]]
    """What it gives by key, in the order of `gives`; an empty cell states nothing."""


def read_lookup(folder: Path, name: str, rule: Lookup, shown: str, text: str) -> LookupTable:
    """The table of a lookup that the mapping file `shown`, with this text, declares. Raises BadConfiguration."""
    place = ["lookup", name, "file"]
    path = (folder / rule.file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadConfiguration([Problem(shown, line_of(text, place), ".".join(place), f"{rule.file!r} leaves the folder mappings/")])
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return LookupTable(name, rule, _rows(file, rule))
    except OSError as error:
        raise BadConfiguration(
            [Problem(shown, line_of(text, place), ".".join(place), f"{rule.file!r} cannot be read: {error.strerror}")]
        ) from error
    except UnicodeDecodeError as error:
        raise BadConfiguration([Problem(f"mappings/{rule.file}", 0, "", "is not UTF-8 text; save it as UTF-8")]) from error
    except _Wrong as error:
        raise BadConfiguration([Problem(f"mappings/{rule.file}", line, "", message) for line, message in error.places]) from error


class _Wrong(Exception):
    """What is wrong in a table: lines and sentences."""

    def __init__(self, places: list[tuple[int, str]]) -> None:
        super().__init__(places)
        self.places = places


def _rows(file: Iterable[str], rule: Lookup) -> dict[str, tuple[str | None, ...]]:
    """The rows by key. Raises _Wrong."""
    reader = _numbered(file)
    _, header = next(reader, (1, []))
    names = [name.strip() for name in header]
    needed = [rule.column, *rule.gives.values()]
    if len(names) == 1 and ";" in names[0]:
        raise _Wrong([(1, "is separated by semicolons; save it with commas between the cells")])
    if wrong := [_unfit(name, names) for name in dict.fromkeys(needed) if names.count(name) != 1]:
        raise _Wrong([(1, sentence) for sentence in wrong])
    places = [names.index(name) for name in needed]
    found: dict[str, tuple[str | None, ...]] = {}
    wrong_lines = []
    for line, cells in reader:
        key, *given = [cells[place].strip() for place in places] if len(cells) == len(names) else [""]
        if len(cells) != len(names):
            wrong_lines.append((line, f"has {len(cells)} cells where the header has {len(names)}"))
        elif not key or key in found:
            wrong_lines.append((line, f"repeats the {rule.column} {key!r}" if key else f"has no {rule.column}"))
        found.setdefault(key, tuple(cell or None for cell in given))
    if wrong_lines:
        raise _Wrong(wrong_lines)
    return found


def _numbered(file: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the number of its last line. Raises _Wrong where a quote is wrong."""
    reader = csv.reader(file, strict=True)
    try:
        yield from ((reader.line_num, cells) for cells in reader if cells)
    except csv.Error as error:
        raise _Wrong([(reader.line_num, f"is not CSV: {error}")]) from error


def _unfit(name: str, names: list[str]) -> str:
    return f"has the column {name!r} twice" if name in names else f"has no column {name!r}{near_miss(name, names)}"

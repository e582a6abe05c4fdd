"""The tables that lie beside the mappings as CSV files, read and checked: every mistake with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mappings.csv_table import NoTable, column_names, read_text, rows_below, wrong_length
from mappings.problems import BadConfiguration, Problem, line_of, near_miss
from mappings.rules import Lookup


@dataclass(frozen=True, slots=True)
class LookupTable:
    """One declared table, with its rows."""

    name: str
    rule: Lookup
    rows: Mapping[str, tuple[str | None, ...]]
    """Values by key, in the order of `gives`; an empty cell states nothing."""


def read_lookup(folder: Path, name: str, rule: Lookup, shown: str, text: str) -> LookupTable:
    """The table of a lookup that the mapping file `shown`, with this text, declares. Raises BadConfiguration."""
    place = ["lookup", name, "file"]
    path = (folder / rule.file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadConfiguration([Problem(shown, line_of(text, place), ".".join(place), f"{rule.file!r} leaves the folder mappings/")])
    try:
        return LookupTable(name, rule, _rows(read_text(path), rule))
    except OSError as error:
        raise BadConfiguration(
            [Problem(shown, line_of(text, place), ".".join(place), f"{rule.file!r} cannot be read: {error.strerror}")]
        ) from error
    except NoTable as error:
        raise BadConfiguration([Problem(f"mappings/{rule.file}", line, "", message) for line, message in error.places]) from error


def _rows(text: str, rule: Lookup) -> dict[str, tuple[str | None, ...]]:
    """The rows by key. Raises NoTable."""
    names = column_names(text)
    needed = [rule.column, *rule.gives.values()]
    if wrong := [_unfit(name, names) for name in dict.fromkeys(needed) if names.count(name) != 1]:
        raise NoTable(*[(1, sentence) for sentence in wrong])
    places = [names.index(name) for name in needed]
    found: dict[str, tuple[str | None, ...]] = {}
    wrong_lines = []
    for line, cells in rows_below(text):
        if wrong_cells := wrong_length(cells, names):
            wrong_lines.append((line, wrong_cells))
            continue
        key, *given = [cells[place].strip() for place in places]
        if not key or key in found:
            wrong_lines.append((line, f"repeats the {rule.column} {key!r}" if key else f"has no {rule.column}"))
        found.setdefault(key, tuple(cell or None for cell in given))
    if wrong_lines:
        raise NoTable(*wrong_lines)
    return found


def _unfit(name: str, names: list[str]) -> str:
    return f"has the column {name!r} twice" if name in names else f"has no column {name!r}{near_miss(name, names)}"

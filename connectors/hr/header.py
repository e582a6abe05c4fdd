"""Maps the cells of a record to the declared columns."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from connectors.bounds import MOST_COLUMNS
from connectors.hr.settings import ExtraColumns, HrFileSettings, column_key, visible
from connectors.hr.text import FileRefused
from connectors.quoting import quoted


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file by the contract's names."""

    cells: tuple[str, ...]
    """As the file spells them."""
    names: tuple[str, ...]
    """Declared columns in the contract's order, then the others by name: what a row says does not depend on the file's order."""
    positions: tuple[int, ...]
    """Position of each of `names` in a record."""

    def position(self, name: str) -> int:
        return self.positions[self.names.index(name)]


def match_header(cells: list[str], line: int, settings: HrFileSettings) -> Header:
    """Raises FileRefused where the header is not the contract's."""
    if len(cells) > MOST_COLUMNS:
        raise FileRefused(f"the header (line {line}) has {len(cells)} columns, more than {MOST_COLUMNS}; correct the export or skip_lines")
    spellings = {name: [column_key(each) for each in (name, *settings.aliases.get(name, ()))] for name in settings.columns}
    _refuse_missing(spellings, cells, line)
    found = _positions(cells, line)
    _refuse_two_spellings(spellings, cells, found, line)
    declared = {key: name for name, keys in spellings.items() for key in keys}
    extras = sorted(key for key in found if key not in declared)
    if extras and settings.extra_columns is ExtraColumns.REFUSE:
        unknown = ", ".join(quoted(cells[found[key]]) for key in extras)
        raise FileRefused(
            f'the header has columns that the contract does not name: {unknown}; add them to columns, or set extra_columns = "allow"'
        )
    places = {declared[key]: place for key, place in found.items() if key in declared}
    ordered = [(name, places[name]) for name in settings.columns] + [(visible(cells[found[key]]), found[key]) for key in extras]
    return Header(tuple(cells), tuple(name for name, _ in ordered), tuple(place for _, place in ordered))


def _refuse_missing(spellings: dict[str, list[str]], cells: list[str], line: int) -> None:
    there = {column_key(cell): cell.strip() for cell in cells}
    missing = [name for name, keys in spellings.items() if not any(key in there for key in keys)]
    if not missing:
        return
    declared = {key for keys in spellings.values() for key in keys}
    extras = [key for key in there if key not in declared]
    said = []
    for name in missing[:8]:
        near = get_close_matches(column_key(name), extras, n=3)
        said.append(f"{quoted(name)}" + (f" (is it now {' or '.join(quoted(there[each]) for each in near)}?)" if near else ""))
    if len(missing) > len(said):
        said.append(f"and {len(missing) - len(said)} more")
    held = ", ".join(quoted(cell) for cell in there.values())
    raise FileRefused(
        f"the header (line {line}) lacks {', '.join(said)}; it is {held[:200]}; {_looks_delimited(cells, declared)}"
        "correct the export or the contract (columns, aliases, delimiter, skip_lines), the file is not read as it is"
    )


def _looks_delimited(cells: list[str], declared: set[str]) -> str:
    whole = cells[0] if len(cells) == 1 else ""
    for delimiter in ";,\t|":
        parts = {column_key(part.strip("\"'")) for part in whole.split(delimiter)}
        if len(parts & declared) > 1:
            return f"it looks delimited by {quoted(delimiter)}; "
    return ""


def _refuse_two_spellings(spellings: dict[str, list[str]], cells: list[str], found: dict[str, int], line: int) -> None:
    for name, keys in spellings.items():
        there = [quoted(cells[found[key]].strip()) for key in keys if key in found]
        if len(there) > 1:
            raise FileRefused(
                f"the header (line {line}) has {' and '.join(there)}, which are both {quoted(name)} by its aliases; one must go"
            )


def _positions(cells: list[str], line: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        key = column_key(cell)
        if not key:
            raise FileRefused(
                f"column {position + 1} of the header (line {line}) has no name: a delimiter too many at its end, or a name was deleted"
            )
        if key in found:
            raise FileRefused(
                f"the header (line {line}) has two columns {quoted(cell.strip())}, at {found[key] + 1} and {position + 1}; one must go"
            )
        found[key] = position
    return found

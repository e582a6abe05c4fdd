"""Which cell of a record belongs to which declared column."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from connectors.hr_csv.settings import ExtraColumns, HrCsvSettings, column_key
from connectors.hr_csv.text import FileRefused


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file by the contract's names."""

    width: int
    names: tuple[str, ...]
    """Declared columns in the contract's order, then the others by name: what a row says does not depend on the file's order."""
    positions: tuple[int, ...]
    """Where each of `names` stands in a record."""

    def position(self, name: str) -> int:
        return self.positions[self.names.index(name)]


def match_header(cells: list[str], line: int, settings: HrCsvSettings) -> Header:
    """Raises FileRefused where the header is not the contract's."""
    declared = {column_key(name): name for name in settings.columns}
    _refuse_missing(declared, cells, line)
    found = _positions(cells, line)
    extras = sorted(key for key in found if key not in declared)
    if extras and settings.extra_columns is ExtraColumns.REFUSE:
        unknown = ", ".join(repr(cells[found[key]]) for key in extras)
        raise FileRefused(
            f'the header has columns that the contract does not name: {unknown}; add them to columns, or set extra_columns = "allow"'
        )
    ordered = (*settings.columns, *(cells[found[key]].strip() for key in extras))
    return Header(width=len(cells), names=ordered, positions=tuple(found[column_key(name)] for name in ordered))


def _refuse_missing(declared: dict[str, str], cells: list[str], line: int) -> None:
    there = {column_key(cell): cell.strip() for cell in cells}
    missing = [key for key in declared if key not in there]
    if not missing:
        return
    extras = [key for key in there if key not in declared]
    said = []
    for key in missing[:8]:
        near = get_close_matches(key, extras, n=1)
        said.append(f"{declared[key]!r}" + (f" (is it now {there[near[0]]!r}?)" if near else ""))
    held = ", ".join(repr(cell) for cell in there.values())
    raise FileRefused(
        f"the header (line {line}) lacks {', '.join(said)}; it is {held[:200]}; "
        "correct the export or the contract (columns, delimiter, skip_lines), the file is not read as it is"
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
                f"the header (line {line}) has two columns {cell.strip()!r}, at {found[key] + 1} and {position + 1}; one must go"
            )
        found[key] = position
    return found

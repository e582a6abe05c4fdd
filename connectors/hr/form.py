"""The two steps in which forms of HR exports differ: how a file becomes lines, and lines become records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from connectors.hr.header import Header
from connectors.hr.settings import visible


class RawRecord(NamedTuple):
    """One record of a file, as it stands there."""

    cells: list[str]
    line: int
    last_line: int
    raw: str
    kinds: str = ""
    """For a workbook what each cell is, one letter each; empty for a text file."""

    @property
    def place(self) -> str:
        word = "row" if self.kinds else "line"
        return f"{word} {self.line}" if self.line == self.last_line else f"{word}s {self.line}-{self.last_line}"

    @property
    def is_blank(self) -> bool:
        """Whether nothing can be seen in any of its cells: an empty line, or delimiters with nothing between them."""
        return not any(cell and visible(cell) for cell in self.cells)


class Form(Protocol):
    """A kind of file. A page of it is some of its whole lines; nothing but `lines` opens a file."""

    unit: str
    """Name of a line: `line`, or `row` of a sheet."""
    delimiter: str
    """Separator of the cells in the text of a record."""
    multiline: tuple[str, ...]
    """Columns where a value may hold a line break."""

    def lines(self, file: Path) -> Iterator[str]:
        """The lines of a file with their ends, read as they are asked for. Raises FileRefused, and OSError."""

    def records(self, lines: Iterable[str], first_line: int) -> Iterator[RawRecord]:
        """The records in some whole lines; `first_line` is the number of the first of them. Raises FileRefused."""

    def shown(self, header: Header) -> Callable[[RawRecord], tuple[RawRecord, str]] | None:
        """Returns a function that makes a record's cells text as its columns declare, where they are not text already.

        It gives also why the record cannot be used although its key can, and raises RowRefused for the key.
        """

"""Decisions about the rows of a plan in a CSV file that a reviewer edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.quoting import quoted
from mappings.csv_table import NoTable, column_names, rows_below, wrong_length
from reconcile.errors import ExitCode, ReconcileError
from reconcile.plan.approval import RowDecision
from reconcile.spreadsheet import plain

APPROVE = "approve"
"""The word for a row that is applied; an empty cell means the same."""
WORDS = (APPROVE, *(each.value for each in RowDecision))


class BadDecisions(ReconcileError):
    """A file of decisions about the rows of a plan cannot be used."""

    exit_code = ExitCode.USAGE

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        self.path, self.problems = path, tuple(problems)
        super().__init__(
            f"{path}: {'; '.join(problems[:5])}. Nothing was approved. A row needs the columns id and decision (approve, hold or reject)."
        )


def read_row_decisions(path: Path) -> dict[str, RowDecision]:
    """The decisions by operation. A CSV report with a column `decision` will do: of its columns `id` and `decision` are read.

    Commas or semicolons separate the cells, as a spreadsheet saves them. Raises BadDecisions with every mistake.
    """
    text = _text(path)
    separator = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    found: dict[str, RowDecision] = {}
    problems: list[str] = []
    said: dict[str, tuple[int, str]] = {}
    for line, operation, word in _decided(path, text, separator):
        earlier, first = said.setdefault(operation, (line, word))
        if word not in WORDS:
            problems.append(f"line {line}: {quoted(word)} is not a decision")
        elif not operation:
            problems.append(f"line {line}: {word} for a row without an id, which is no operation")
        elif first != word:
            problems.append(f"line {line}: {operation} is to {word}, and line {earlier} says {first}")
        elif word != APPROVE:
            found[operation] = RowDecision(word)
    if problems:
        raise BadDecisions(path, problems)
    return found


def _decided(path: Path, text: str, separator: str) -> Iterator[tuple[int, str, str]]:
    """Yields the line, the operation and the decision of each row that has one."""
    try:
        names = [plain(name).lower() for name in column_names(text, separator)]
        if missing := [name for name in ("id", "decision") if names.count(name) != 1]:
            raise BadDecisions(path, [f"it has no column {name}, or several" for name in missing])
        for line, cells in rows_below(text, separator):
            if wrong := wrong_length(cells, names):
                raise BadDecisions(path, [f"line {line}: {wrong}"])
            row = dict(zip(names, map(plain, cells), strict=True))
            if word := row["decision"].strip().lower():
                yield line, row["id"].strip().lower(), word
    except NoTable as error:
        raise BadDecisions(path, [f"line {line}: {problem}" for line, problem in error.places]) from error


def _text(path: Path) -> str:
    """The text of a file. What is read of it is ASCII: a spreadsheet may have saved the rest in the code page of its machine."""
    body = path.read_bytes()
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")

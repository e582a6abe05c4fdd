"""Link decisions of reviewers: `decisions.csv` in the project folder, read, checked and added to."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, ValidationError

from connectors.quoting import quoted
from mappings.csv_table import NoTable, column_names, read_text, rows_below, wrong_length
from mappings.model import Model
from mappings.problems import BadConfiguration, Problem, near_miss
from mappings.sentences import problems_of
from reconcile.disk import append_whole
from reconcile.spreadsheet import plain, safe

FILE = "decisions.csv"
COLUMNS = ("target", "anchor", "account_id", "decision", "by", "why", "date")
ASIDE = ("account", "question")
"""Columns for the reader of an exported file. They decide nothing."""

Stated = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class PairDecision(StrEnum):
    """Decision of a reviewer about a pair."""

    SAME = "same"
    """The account is the person's."""
    DIFFERENT = "different"
    """Not the person's account, also where keys match."""


class LinkDecision(Model):
    """A decision about one pair."""

    target: Stated
    anchor: Stated
    account_id: Stated
    decision: PairDecision
    by: Stated
    """The name of the reviewer."""
    why: Stated
    date: dt.date

    @property
    def pair(self) -> tuple[str, str, str]:
        return self.target, self.anchor, self.account_id

    @property
    def reason(self) -> str:
        return f"decided by {self.by}: {self.why}"


def read_link_decisions(folder: Path, targets: Sequence[str] | None) -> tuple[LinkDecision, ...]:
    """The decisions of a project folder; none where there is no file. Without a list of targets every name is accepted.

    Raises BadConfiguration with every mistake in it.
    """
    numbered, problems = _read(folder / FILE, targets)
    if problems := [*problems, *_contradictions(numbered)]:
        raise BadConfiguration(problems)
    return tuple(each for _, each in numbered)


def add_link_decision(folder: Path, link_decision: LinkDecision) -> None:
    """Adds a line to the file, which is made where there is none. Raises BadConfiguration where the line would contradict another."""
    path = folder / FILE
    numbered, problems = _read(path, None)
    before = _text(path) if path.exists() else ""
    header = _header(before) if before else COLUMNS
    text = csv_text([link_decision.model_dump(mode="json")], header)
    if before:
        text = ("" if before.endswith(("\n", "\r")) else "\r\n") + text.partition("\r\n")[2]
    if problems := [*problems, *_contradictions([*numbered, (0, link_decision)])]:
        raise BadConfiguration(problems)
    append_whole(path, text)


def _read(path: Path, targets: Sequence[str] | None) -> tuple[list[tuple[int, LinkDecision]], list[Problem]]:
    """The decisions with their lines, and what is wrong with others. Raises BadConfiguration where it is no such table at all."""
    numbered: list[tuple[int, LinkDecision]] = []
    problems: list[Problem] = []
    for line, row in _rows(path) if path.exists() else ():
        if not row["decision"].strip():
            continue  # a question that nobody has answered yet
        try:
            link_decision = LinkDecision.model_validate({name: row[name] for name in COLUMNS})
        except ValidationError as error:
            problems += [Problem(FILE, line, each.key, each.message) for each in problems_of(error, LinkDecision, FILE, "")]
            continue
        if targets is not None and link_decision.target not in targets:
            message = f"no mapping file has the target {quoted(link_decision.target)}{near_miss(link_decision.target, targets)}"
            problems.append(Problem(FILE, line, "target", message))
        numbered.append((line, link_decision))
    return numbered, problems


def _contradictions(numbered: Sequence[tuple[int, LinkDecision]]) -> Iterator[Problem]:
    """A problem for each decision that an earlier one excludes."""
    pairs: dict[tuple[str, ...], tuple[int, LinkDecision]] = {}
    people: dict[tuple[str, ...], tuple[int, LinkDecision]] = {}
    accounts: dict[tuple[str, ...], tuple[int, LinkDecision]] = {}
    for line, each in numbered:
        earlier, first = pairs.setdefault(each.pair, (line, each))
        if first.decision is not each.decision:
            yield _contradiction(line, earlier, f"{each.anchor} and {each.account_id} are {first.decision} there")
        if each.decision is not PairDecision.SAME:
            continue
        earlier, first = accounts.setdefault((each.target, each.account_id), (line, each))
        if first.anchor != each.anchor:
            yield _contradiction(line, earlier, f"the account {each.account_id} is that of {first.anchor} there; an account has one person")
        earlier, first = people.setdefault((each.target, each.anchor), (line, each))
        if first.account_id != each.account_id:
            yield _contradiction(
                line, earlier, f"{each.anchor} has the account {first.account_id} there; a person has one in {each.target}"
            )


def _contradiction(line: int, earlier: int, why: str) -> Problem:
    # Line 0 is one that is still to be added.
    ending = "Take one of the two lines out." if line else "Nothing was added; take that line out first if it is wrong."
    return Problem(FILE, line, "decision", f"contradicts line {earlier}: {why}. {ending}")


def csv_text(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    """Rows as CSV that a spreadsheet can open: every cell quoted, and none taken for a formula."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: safe(cell) for name, cell in row.items()} for row in rows)
    return text.getvalue()


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with the line that each begins in. Raises BadConfiguration."""
    text = _text(path)
    header = _header(text)
    with _refused():
        for line, cells in rows_below(text):
            if wrong := wrong_length(cells, header):
                raise NoTable((line, wrong))
            yield line, dict(zip(header, map(plain, cells), strict=True))


@contextlib.contextmanager
def _refused() -> Iterator[None]:
    """Raises BadConfiguration for what is no table."""
    try:
        yield
    except NoTable as error:
        raise BadConfiguration([Problem(FILE, line, "", message) for line, message in error.places]) from error
    except OSError as error:
        raise BadConfiguration([Problem(FILE, 0, "", f"cannot be read: {error.strerror}")]) from error


def _text(path: Path) -> str:
    with _refused():
        return read_text(path)


def _header(text: str) -> list[str]:
    """The names of the columns. Raises BadConfiguration where some are missing, or are none."""
    with _refused():
        names = column_names(text)
    problems = [Problem(FILE, 1, name, "is required, and no column has that name") for name in COLUMNS if name not in names]
    problems += [
        Problem(FILE, 1, name, f"is not a column here{near_miss(name, COLUMNS)}")
        for name in names
        if name and name not in (*COLUMNS, *ASIDE)
    ]
    problems += [Problem(FILE, 1, "", f"column {number} has no name") for number, name in enumerate(names, 1) if not name]
    problems += [
        Problem(FILE, 1, name, "stands there twice") for name in sorted({each for each in names if each and names.count(each) > 1})
    ]
    if problems:
        raise BadConfiguration(problems)
    return names

"""The log of live runs: a JSON line for each step that the journal records, without attribute values.

It is for tools that collect logs; the journal stays the record. What it leaves out may hold values of a person: lessons, names, and
what a precondition saw.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from connectors.cleaning import cleaned
from reconcile.apply.journal import EntryKind, Journal
from reconcile.clock import Clock
from reconcile.errors import FileUnusable
from reconcile.plan.model import OutcomeKind

LONGEST_DETAIL = 300
"""Characters that are kept of a detail."""
_TOLD = frozenset({OutcomeKind.FAILED.value, OutcomeKind.UNKNOWN.value, OutcomeKind.HELD.value})
"""Outcomes whose detail says what a system or this program did; others state values."""


class StepLog:
    """The file of a log, opened when its first line is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None
        self._run = ""

    def note(self, statement: str, row: Mapping[str, object], at: str) -> None:
        """Writes a line about a row of the journal. Raises FileUnusable where a run begins and the file cannot be opened; later faults of the file stop no run."""
        line = self._line(statement, row)
        if not line:
            return
        text = json.dumps({"at": at, **line}, ensure_ascii=True, sort_keys=True) + "\n"
        try:
            os.write(self._opened(), text.encode())
        except OSError as error:
            if statement == "add_run":
                raise FileUnusable(self._path, error.strerror or str(error)) from error

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _opened(self) -> int:
        if self._handle is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            self._handle = os.open(self._path, flags, 0o600)
        return self._handle

    def _line(self, statement: str, row: Mapping[str, object]) -> Mapping[str, object]:
        match statement:
            case "add_run":
                self._run = str(row["run"])
                return {"step": "run_began", "run": self._run, "plan": row["plan"]}
            case "end_run":
                return {"step": "run_ended", "run": row["run"]}
            case "add_entry":
                self._run = str(row["run"])
                return _of_entry(row)
            case "add_answer":
                return {"step": "answer", "run": self._run, **{name: row[name] for name in ("status", "code", "request_id", "repetition")}}
            case _:
                return {}


class LoggedJournal(Journal):
    """A journal whose entries are logged."""

    def __init__(self, state: Path, clock: Clock, log: StepLog) -> None:
        self._log = log
        super().__init__(state, clock)

    def do(self, statement: str, **parameters: object) -> None:
        super().do(statement, **parameters)
        self._log.note(statement, parameters, self.clock.stamp())

    def do_many(self, statement: str, rows: Iterable[Mapping[str, object]]) -> None:
        taken = list(rows)
        super().do_many(statement, taken)
        for row in taken:
            self._log.note(statement, row, self.clock.stamp())

    def close(self) -> None:
        super().close()
        self._log.close()


def open_journal(state: Path, clock: Clock, log: Path | None) -> Journal:
    """The journal of a state folder, with a log where one is kept."""
    return Journal(state, clock) if log is None else LoggedJournal(state, clock, StepLog(log))


def _of_entry(row: Mapping[str, object]) -> Mapping[str, object]:
    told = {"step": str(row["kind"])}
    for name in ("run", "operation", "target", "account", "entitlement", "outcome"):
        if row[name]:
            told[name] = cleaned(str(row[name]))
    if row["kind"] == EntryKind.INTENT or row["outcome"] in _TOLD:
        told["detail"] = cleaned(str(row["detail"]))[:LONGEST_DETAIL]
    return told

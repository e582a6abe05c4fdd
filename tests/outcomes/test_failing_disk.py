"""The journal's disk is full, or its file cannot be written any more, or the clock is set back, while a batch is in flight.

Nothing goes out that the journal does not know of, the run ends with the error of the disk, and the next one ends in the wanted state.
The errors are SQLite's own: a file that may not grow, and a connection that may only read.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Target
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.scim import ScimSandbox
from reconcile.apply.journal import Journal
from reconcile.apply.journal_file import FILE
from reconcile.clock import Clock
from reconcile.errors import DiskFull, FileUnusable, StorageFault
from reconcile.plan.model import Operation, OutcomeKind

from . import test_member_batches as members
from . import test_scim_bulk_runs as bulk
from .one_run import RUN, applied, kinds


@dataclass(frozen=True)
class Work:
    """Operations whose changes travel together, on a system of their own."""

    serve: Callable[[], contextlib.AbstractContextManager[Sandbox]]
    connect: Callable[[Sandbox], Target]
    operations: Callable[[], Sequence[Operation]]
    changed: Callable[[Sandbox], set[str]]
    """The operations of which the system shows the effect."""


def _memberships(system: members.System) -> Work:
    numbers = {id_: f"{number:03d}" for number, id_ in enumerate(members.IDS)}
    return Work(
        lambda: system.serve(system.made(members.MANY)),
        system.connect,
        lambda: [system.asked(number) for number in range(members.MANY)],
        lambda sandbox: {numbers[each] for each in system.members(sandbox)},
    )


@contextmanager
def _bulk_server() -> Iterator[Sandbox]:
    with running(ScimSandbox(bulk._seed())) as sandbox:
        yield sandbox


def _bulk_changed(sandbox: Sandbox) -> set[str]:
    shown = bulk._shown(sandbox.app)
    return {each.id for each in bulk._operations() if shown.get(each.who) == bulk.WANTED[each.who]}


WORKS = {
    "okta memberships": _memberships(members.OKTA),
    "scim memberships": _memberships(members.SCIM),
    "scim bulk": Work(_bulk_server, bulk._connected, bulk._operations, _bulk_changed),
}


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_TOKEN", "sandbox-token")
    for name in ("BATCH_SCIM_TOKEN", "BULK_TOKEN"):
        monkeypatch.setenv(name, "sandbox")


def _small_pages(state: Path) -> None:
    """Begins the journal's file with pages that take few entries each: a file that may not grow is full soon."""
    with contextlib.closing(sqlite3.connect(state / FILE)) as file:
        file.execute("PRAGMA page_size = 512")
        file.execute("CREATE TABLE begun (line TEXT)")


def _full(journal: Journal) -> None:
    """Lets the file grow no more. What fits into its last pages still goes in."""
    (pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
    journal._connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()


def _read_only(journal: Journal) -> None:
    journal._connection.execute("PRAGMA query_only = ON").fetchall()


FAILURES: dict[str, tuple[Callable[[Journal], None], type[StorageFault], str, int]] = {
    "full before the intents": (_full, DiskFull, "intend", 1),
    "full before the outcomes": (_full, DiskFull, "conclude", 2),
    "read only among the intents": (_read_only, FileUnusable, "intend", 5),
    "read only among the outcomes": (_read_only, FileUnusable, "conclude", 5),
}


def _failing_at(journal: Journal, patch: pytest.MonkeyPatch, fails: Callable[[Journal], None], write: str, call: int) -> None:
    """Has the disk fail right before a write of the journal."""
    written, seen = getattr(journal, write), iter(range(1, 1_000))

    def write_or_fail(*args: Any, **kwargs: Any) -> None:
        if next(seen) == call:
            fails(journal)
        written(*args, **kwargs)

    patch.setattr(journal, write, write_or_fail)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_run_whose_journal_cannot_be_written_sends_nothing_unknown_and_is_ended_by_the_next(
    work: Work, failure: tuple[Callable[[Journal], None], type[StorageFault], str, int], tmp_path: Path
) -> None:
    fails, error, write, call = failure
    operations = work.operations()
    with work.serve() as sandbox:
        _small_pages(tmp_path)
        journal = Journal(tmp_path)
        with pytest.MonkeyPatch.context() as patch:
            _failing_at(journal, patch, fails, write, call)
            with pytest.raises(error):
                applied(work.connect(sandbox), operations, journal)
        journal.close()
        again = Journal(tmp_path)
        assert work.changed(sandbox) <= again.runs.intended(RUN) | {each.operation_id for each in again.runs.recorded(RUN).outcomes}
        outcomes = applied(work.connect(sandbox), operations, again)
        assert {id_: kind for id_, kind in kinds(outcomes).items() if kind is not OutcomeKind.DONE} == {}
        assert work.changed(sandbox) == {each.id for each in operations}


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_run_whose_clock_is_set_back_in_the_middle_ends_as_any_other(work: Work, tmp_path: Path) -> None:
    operations, read = work.operations(), iter(range(1_000_000))
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    clock = Clock(lambda: noon - timedelta(days=1) * (next(read) > len(operations) * 3 // 2))
    with work.serve() as sandbox:
        outcomes = applied(work.connect(sandbox), operations, Journal(tmp_path, clock))
        assert set(kinds(outcomes).values()) == {OutcomeKind.DONE}
        assert {each.at[:10] for each in outcomes.values()} == {"2026-05-03", "2026-05-04"}
        sent = len(sandbox.writes())
        journal = Journal(tmp_path, Clock(lambda: noon - timedelta(days=2)))
        assert kinds(applied(work.connect(sandbox), operations, journal)) == kinds(outcomes)
        assert len(sandbox.writes()) == sent
        assert journal.latest_moment() >= max(each.at for each in outcomes.values())

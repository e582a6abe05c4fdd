"""An incident that is put back: a run that deactivated many accounts by mistake. Time and peak memory of its undo, of the restore of the time before
it, and of its report, at two sizes; and what each further operation adds to the peak. The company has as many people at both sizes.

Bar: 150 bytes for each further operation.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.planning import child, peak_mb
from benchmarks.world import build
from reconcile.apply.journal import EntryKind, Journal
from reconcile.clock import Clock
from reconcile.plan.digest import digested
from reconcile.plan.model import Because, Census, Operation, Outcome, OutcomeKind, Plan, Situation, Verb
from reconcile.plan.origin import BoundSystem
from reconcile.report.formats import csv, html, text
from reconcile.report.formats import json as json_form
from reconcile.store.file import FILE
from reconcile.store.plans.files import save
from reconcile.usecases.repair import Repair
from reconcile.usecases.restore import RestoreRequest
from reconcile.usecases.review import load_with_run

SIZES = (50_000, 200_000)
PEOPLE = 1.1
"""People of the company for each operation of the larger size."""
RUN = "20261121T030000Z-aaaaaa"
BEFORE, DURING, AFTER = "2026-11-21T02:30:00.000+00:00", datetime(2026, 11, 21, 3, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)
"""The moment that is restored, that of the run, and the present one: on another day, so that its limits are not used up."""
SYSTEMS = ("contractors", "okta", "workers")
BAR = 150
ENDED = """
    SELECT account.id, link.anchor, json_extract_string(account.attributes, '$.login') FROM record_version AS account
    JOIN link ON link.target = account.system AND link.account_id = account.id
    WHERE account.system = 'okta' AND account.state = 'deactivated' AND account.valid_from = 2 ORDER BY account.id
"""
"""The accounts that the run deactivated, with their people and logins."""


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Prints a line for each size and what is asked of it, and what each further operation adds."""
    peaks: dict[str, list[float]] = {}
    for operations in sizes:
        with tempfile.TemporaryDirectory() as folder:
            child("benchmarks.putting_back", "make", folder, operations, int(PEOPLE * max(sizes)))
            for what in WORK:
                one = child("benchmarks.putting_back", what, folder)
                peaks.setdefault(what, []).append(one["peak"])
                print(f"{what:8} of {operations:,}: {one['cpu']:6.1f} s of CPU   peak {one['peak']:,.0f} MB   {one['rows']:,} rows")
    for what, found in peaks.items():
        further = (found[-1] - found[0]) * 1024 * 1024 / (sizes[-1] - sizes[0])
        print(f"{what:8} each further operation: {further:,.0f} bytes (bar: {BAR})")


def make(folder: Path, operations: int, people: int) -> int:
    """Makes the company with the run."""
    build(folder, people, ended=operations)
    with duckdb.connect(str(folder / "state" / FILE), read_only=True) as connection:
        ended = connection.execute(ENDED).fetchall()
    _run(folder / "state", digested(_plan([_operation(*row) for row in ended], people)))
    return len(ended)


def _run(state: Path, plan: Plan) -> None:
    """Saves the plan and records that all of it was done."""
    save(plan, state)
    with closing(Journal(state, Clock(lambda: DURING))) as journal, journal.transaction():
        journal.start(RUN, plan)
        for each in plan.operations:
            journal.intend(RUN, each)
            outcome = Outcome(operation_id=each.id, kind=OutcomeKind.DONE, account_id=each.account_id, at=journal.clock.stamp())
            journal.conclude(RUN, each, outcome, (EntryKind.DEACTIVATED,))
        journal.end(RUN)


def _operation(account_id: str, anchor: str, login: str) -> Operation:
    return Operation(
        id=account_id[-12:],
        target="okta",
        verb=Verb.DEACTIVATE,
        anchor=anchor,
        account_id=account_id,
        who=login,
        name=f"Person {anchor}",
        before={"state": "active"},
        after={"state": "deactivated"},
        account={"login": login, "employeeNumber": anchor},
        because=Because(situation=Situation.UNQUALIFIED, rule="okta: leavers", detail=f"Person {anchor} left on 2026-11-20."),
    )


def _plan(operations: Iterable[Operation], people: int) -> Plan:
    return Plan(
        run_date="2026-11-21",
        planner="benchmark",
        snapshots=dict.fromkeys(SYSTEMS, "before"),
        mapping="",
        systems={system: BoundSystem(id=system, address="") for system in SYSTEMS},
        scopes=(),
        census=(Census(target="okta", situations={Situation.CONFIRMED: people}, accounts=people),),
        operations=tuple(operations),
        findings=(),
        verdicts=(),
    )


def _digest(folder: Path) -> str:
    """The plan of the run."""
    return next(each.name for each in (folder / "state" / "plans").iterdir())


def _undo(folder: Path) -> int:
    return len(Repair.open(folder, Clock(lambda: AFTER)).undo().operations)


def _restore(folder: Path) -> int:
    return len(Repair.open(folder, Clock(lambda: AFTER)).restore(RestoreRequest(BEFORE)).operations)


def _page(folder: Path) -> int:
    with load_with_run(folder / "state", _digest(folder)) as (plan, run):
        return len(html.page(plan, run))


def _rows(folder: Path) -> int:
    with load_with_run(folder / "state", _digest(folder)) as (plan, run):
        return sum(1 for _ in csv.lines(plan, run)) + sum(1 for _ in json_form.parts(plan, run))


def _show(folder: Path) -> int:
    with load_with_run(folder / "state", _digest(folder)) as (plan, run):
        return len(text.show(plan, run, width=120, colour=False))


WORK: dict[str, Callable[[Path], int]] = {"show": _show, "csv, json": _rows, "html": _page, "undo": _undo, "restore": _restore}
"""What is measured, each in a process of its own. A plan that is made is not the newest one, so all look at that of the run."""


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        print(json.dumps({"made": make(Path(sys.argv[2]), *map(int, sys.argv[3:]))}))
    elif sys.argv[1:2] and sys.argv[1] in WORK:
        began = time.process_time()
        rows = WORK[sys.argv[1]](Path(sys.argv[2]))
        print(json.dumps({"rows": rows, "cpu": time.process_time() - began, "peak": peak_mb()}))
    else:
        main(tuple(int(size) for size in sys.argv[1:]) or SIZES)

"""What was intended and what came of it: a SQLite file that is on disk before the next request goes out.

Beside the store rather than in it: it can be read while it is written, and 15,000 durable entries a second fit into it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from reconcile import clock
from reconcile.errors import ForeignJournal
from reconcile.model import BoundSystem, LinkChange, Operation, Outcome, OutcomeKind, Override, Plan, PlanPurpose, Run

FILE = "journal.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY, plan TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS entry (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES run (id),
    kind TEXT NOT NULL,
    operation TEXT NOT NULL DEFAULT '',
    target TEXT NOT NULL,
    anchor TEXT NOT NULL DEFAULT '',
    account TEXT NOT NULL DEFAULT '',
    entitlement TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS intended (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES run (id),
    run_date TEXT NOT NULL,
    target TEXT NOT NULL,
    verb TEXT NOT NULL,
    operations INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS override (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    plan TEXT NOT NULL,
    guard TEXT NOT NULL,
    "by" TEXT NOT NULL,
    why TEXT NOT NULL,
    made TEXT NOT NULL,
    until TEXT NOT NULL,
    run TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS journal (id TEXT NOT NULL, project TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS plan (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL,
    purpose TEXT NOT NULL,
    runs INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS binding (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    system TEXT NOT NULL,
    id TEXT NOT NULL,
    address TEXT NOT NULL,
    forgets INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entry_of_run ON entry (run, kind);
"""


class EntryKind(StrEnum):
    """What an entry of the journal says."""

    INTENT = "intent"
    OUTCOME = "outcome"
    LINK = "link"
    UNLINK = "unlink"
    GRANT = "grant"
    """A membership that this job gave, and may take."""
    REVOKE = "revoke"
    SUSPENDED = "suspended"
    """An account that this job suspended, and may make active again."""
    DEACTIVATED = "deactivated"
    """One that this job deactivated: only such a one is ever deleted."""
    ENDED = "ended"
    """It is neither any more: active again, or deleted."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A link, a grant or an account's rest that a run made or ended, for the store to take over."""

    sequence: int
    kind: EntryKind
    run: str
    target: str
    anchor: str
    account_id: str
    entitlement_id: str
    detail: str
    at: str
    """RFC 3339, UTC."""


class Journal:
    """The journal of one state folder."""

    def __init__(self, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = state / FILE
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)
        self.path = path
        self._connection.execute("INSERT INTO journal (id) SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM journal)")
        self.id: str = self._connection.execute("SELECT id FROM journal").fetchone()[0]
        """What tells this journal from one that took its place."""

    def claim(self, project: str) -> None:
        """Makes it the journal of a project. Raises ForeignJournal where it is that of another."""
        owner = self._connection.execute("SELECT project FROM journal").fetchone()[0]
        if owner not in ("", project):
            raise ForeignJournal(self.path, owner, project)
        if not owner:
            self._connection.execute("UPDATE journal SET project = ?", (project,))

    def give(self, project: str) -> None:
        """Makes it the journal of a project, whosever it was."""
        self._connection.execute("UPDATE journal SET project = ?", (project,))

    def close(self) -> None:
        self._connection.close()

    def start(self, run: str, plan: Plan) -> None:
        """Begins a live run: the run, how much it sets out to do, its links and its systems are on disk together, or nothing is."""
        with self._together():
            self.begin(run, plan.digest)
            self.set_out(run, plan)
            self.link(run, plan.links)
            for name, bound in sorted(plan.systems.items()):
                self._bind(name, bound)

    def begin(self, run: str, plan_digest: str) -> None:
        """A live run begins; it uses up every override of its plan that counts."""
        with self._together():
            self._connection.execute("INSERT INTO run (id, plan, started) VALUES (?, ?, ?)", (run, plan_digest, _now()))
            self._connection.execute(
                "UPDATE override SET run = ? WHERE plan = ? AND run = '' AND until > ?", (run, plan_digest, self.latest_moment())
            )

    def override(self, made: Override) -> None:
        """Keeps somebody's word that a plan may pass a guard."""
        self._connection.execute(
            'INSERT INTO override (plan, guard, "by", why, made, until) VALUES (?, ?, ?, ?, ?, ?)',
            (made.plan_digest, made.guard, made.by, made.why, made.made, made.until),
        )

    def overrides(self, plan_digest: str) -> list[Override]:
        """Every override of a plan, used, expired or not, in the order they were made."""
        rows = self._connection.execute(
            'SELECT plan, guard, "by", why, made, until, run FROM override WHERE plan = ? ORDER BY sequence', (plan_digest,)
        )
        names = ("plan_digest", "guard", "by", "why", "made", "until", "run")
        return [Override(**dict(zip(names, row, strict=True))) for row in rows]

    def set_out(self, run: str, plan: Plan) -> None:
        """How much the run sets out to do, for later nights to be compared with: a row a target and verb, and one for the run itself."""
        sizes = Counter((operation.target, operation.verb) for operation in plan.operations)
        rows = [("", "", 0), *((target, verb, count) for (target, verb), count in sorted(sizes.items()))]
        with self._together():
            self._connection.executemany(
                "INSERT INTO intended (run, run_date, target, verb, operations) VALUES (?, ?, ?, ?, ?)",
                ((run, plan.run_date, *row) for row in rows),
            )

    def end(self, run: str) -> None:
        self._connection.execute("UPDATE run SET ended = ? WHERE id = ?", (_now(), run))

    def unfinished(self) -> tuple[str, str] | None:
        """The run that began and did not end, with its plan's digest."""
        found: tuple[str, str] | None = self._connection.execute(
            "SELECT id, plan FROM run WHERE ended = '' ORDER BY rowid LIMIT 1"
        ).fetchone()
        return found

    def intend(self, run: str, operation: Operation) -> None:
        """Written before the request goes out."""
        self._add(run, EntryKind.INTENT, operation)

    def conclude(self, run: str, operation: Operation, outcome: Outcome, facts: tuple[EntryKind, ...]) -> None:
        """The outcome, and the links and grants that come of it, together."""
        with self._together():
            self._add(run, EntryKind.OUTCOME, operation, outcome)
            for fact in facts:
                self._add(run, fact, operation, outcome)

    def link(self, run: str, changes: Iterable[LinkChange]) -> None:
        """The links that the plan makes or forgets without a write to the target, all together."""
        with self._together():
            self._connection.executemany(
                "INSERT INTO entry (run, kind, target, anchor, account, detail, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                ((run, _kind(each), each.target, each.anchor, each.account_id, each.because, _now()) for each in changes),
            )

    def intended(self, run: str) -> frozenset[str]:
        """The operations of a run whose request may have gone out."""
        rows = self._connection.execute("SELECT DISTINCT operation FROM entry WHERE run = ? AND kind = 'intent'", (run,))
        return frozenset(row[0] for row in rows)

    def run(self, run: str) -> Run:
        """A live run with the outcomes it has so far."""
        plan, started, ended = self._connection.execute("SELECT plan, started, ended FROM run WHERE id = ?", (run,)).fetchone()
        rows = self._connection.execute(
            "SELECT operation, outcome, account, entitlement, detail, at FROM entry WHERE run = ? AND kind = 'outcome' ORDER BY sequence",
            (run,),
        )
        outcomes = tuple(
            Outcome(operation_id=operation, kind=OutcomeKind(kind), account_id=account, entitlement_id=entitlement, detail=detail, at=at)
            for operation, kind, account, entitlement, detail, at in rows
        )
        return Run(id=run, plan_digest=plan, live=True, started=started, ended=ended, outcomes=outcomes)

    def runs(self, prefix: str = "") -> list[str]:
        """The live runs whose name begins so, the newest first."""
        rows = self._connection.execute("SELECT id FROM run WHERE substr(id, 1, length(?)) = ? ORDER BY rowid DESC", (prefix, prefix))
        return [row[0] for row in rows]

    def last_run_of(self, plan_digest: str) -> str | None:
        """The latest live run of a plan."""
        found = self._connection.execute("SELECT id FROM run WHERE plan = ? ORDER BY rowid DESC LIMIT 1", (plan_digest,)).fetchone()
        return found[0] if found else None

    def facts_after(self, sequence: int, most: int) -> list[Fact]:
        """What was made or ended since an entry, in order; at most so many."""
        rows = self._connection.execute(
            "SELECT sequence, kind, run, target, anchor, account, entitlement, detail, at FROM entry"
            " WHERE sequence > ? AND kind NOT IN ('intent', 'outcome') ORDER BY sequence LIMIT ?",
            (sequence, most),
        )
        return [Fact(number, EntryKind(kind), *rest) for number, kind, *rest in rows]

    def sizes(self) -> list[tuple[str, str, str, str, int]]:
        """How much runs set out to do, in order: run, its date, target, verb, operations."""
        return self._connection.execute("SELECT run, run_date, target, verb, operations FROM intended ORDER BY sequence").fetchall()

    def last_entry(self) -> int:
        """The number of the newest entry, 0 before the first."""
        return int(self._connection.execute("SELECT coalesce(max(sequence), 0) FROM entry").fetchone()[0])

    def mark(self, sequence: int) -> str:
        """What tells an entry from one of the same number in another journal, or in this one after it was restored; empty for none."""
        found = self._connection.execute("SELECT run, kind, operation, at FROM entry WHERE sequence = ?", (sequence,)).fetchone()
        return " ".join(found) if found else ""

    def latest_moment(self) -> str:
        """The present moment, or the latest one that was written down where this machine's clock was set back since."""
        known = self._connection.execute(
            "SELECT max(at) FROM (SELECT max(started) AS at FROM run UNION ALL SELECT max(at) FROM plan UNION ALL SELECT max(made) FROM override"
            " UNION ALL SELECT at FROM (SELECT at FROM entry ORDER BY sequence DESC LIMIT 1))"
        ).fetchone()[0]
        return max(_now(), known or "")

    def register(self, plan_digest: str, purpose: PlanPurpose) -> None:
        """Writes down that a plan was made, for what, and after which run."""
        self._connection.execute(
            "INSERT INTO plan (digest, purpose, runs, at) SELECT ?, ?, coalesce(max(rowid), 0), ? FROM run",
            (plan_digest, purpose.value, _now()),
        )

    def newest_plan(self) -> str | None:
        """The digest of the plan that was made last to be applied on its day; by the order in which plans were made, not by a clock."""
        found = self._connection.execute(
            "SELECT digest FROM plan WHERE purpose = ? ORDER BY sequence DESC LIMIT 1", (PlanPurpose.CURRENT.value,)
        ).fetchone()
        return found[0] if found else None

    def is_registered(self, plan_digest: str) -> bool:
        """Whether the plan was made with this journal."""
        return self._connection.execute("SELECT 1 FROM plan WHERE digest = ? LIMIT 1", (plan_digest,)).fetchone() is not None

    def runs_since(self, plan_digest: str) -> list[tuple[str, str]]:
        """The runs, with their plans, that began after a plan was made last, in order."""
        return self._connection.execute(
            "SELECT id, plan FROM run WHERE rowid > (SELECT runs FROM plan WHERE digest = ? ORDER BY sequence DESC LIMIT 1) ORDER BY rowid",
            (plan_digest,),
        ).fetchall()

    def bound(self) -> Mapping[str, BoundSystem]:
        """The system that each connector's links and granted memberships belong to, as the newest run or `rebind` left it."""
        rows = self._connection.execute("SELECT system, id, address FROM binding ORDER BY sequence")
        return {system: BoundSystem(id=id_, address=address) for system, id_, address in rows}

    def rebind(self, system: str, bound: BoundSystem, *, forget: bool) -> None:
        """Binds a connector's links to another system; `forget`: those that the journal has so far mean nothing there."""
        with self._together():
            self._bind(system, bound, forgets=self.last_entry() if forget else 0, anew=True)

    def forgotten(self) -> Mapping[str, int]:
        """By connector, up to which entry its links and granted memberships belong to a system that is gone."""
        return dict(self._connection.execute("SELECT system, max(forgets) FROM binding GROUP BY system"))

    def _bind(self, system: str, bound: BoundSystem, *, forgets: int = 0, anew: bool = False) -> None:
        if anew or self.bound().get(system) != bound:
            self._connection.execute(
                "INSERT INTO binding (system, id, address, forgets, at) VALUES (?, ?, ?, ?, ?)",
                (system, bound.id, bound.address, forgets, _now()),
            )

    def _add(self, run: str, kind: EntryKind, operation: Operation, outcome: Outcome | None = None) -> None:
        account = (outcome.account_id if outcome else "") or operation.account_id
        said = (outcome.kind.value, outcome.detail) if outcome and kind is EntryKind.OUTCOME else ("", _because(kind, operation))
        entitlement = (outcome.entitlement_id if outcome else "") or operation.entitlement_id
        self._connection.execute(
            "INSERT INTO entry (run, kind, operation, target, anchor, account, entitlement, outcome, detail, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (run, kind, operation.id, operation.target, operation.anchor, account, entitlement, *said, _now()),
        )

    @contextmanager
    def _together(self) -> Iterator[None]:
        """All of it or nothing; inside another one, a part of that."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _because(kind: EntryKind, operation: Operation) -> str:
    """What an entry says of its operation: of a grant the rules alone, as the ledger keeps them."""
    rule = operation.because.rule
    return rule.removeprefix(f"{operation.target}: ") if kind is EntryKind.GRANT else f"{operation.verb} by {rule}"


def _kind(change: LinkChange) -> EntryKind:
    return EntryKind.UNLINK if change.forget else EntryKind.LINK


def _now() -> str:
    return clock.stamp()

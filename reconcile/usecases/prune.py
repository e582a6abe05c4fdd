"""Removes what the project's retention says is old, and nothing that an undo, an unfinished run, a guard, a plan or the audit needs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconcile.apply.audit import AuditEvent
from reconcile.apply.plan_retention import plans_without_use
from reconcile.store.connection import Store
from reconcile.store.file import FILE
from reconcile.store.plans.files import FOLDER
from reconcile.usecases.rewriting import Rewriting

_DIGEST = re.compile(r"[0-9a-f]{64}")
_REPORTS, _SPOOLS = "reports", "spool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """The plans, files and rows that are removed, or would be."""

    live: bool
    """Whether it was removed."""
    plans: tuple[str, ...] = ()
    """Digests."""
    reports: tuple[str, ...] = ()
    """Names of files."""
    spools: tuple[str, ...] = ()
    account_versions: int = 0
    """Closed rows of accounts."""
    membership_versions: int = 0
    log_events: int = 0
    """Events of the systems' own logs."""
    interrupted_forgetting: bool = False
    """Whether a `forget` was interrupted, which this ends."""

    @property
    def nothing(self) -> bool:
        return not any(self.counts().values())

    def counts(self) -> Mapping[str, int]:
        return {
            "plans": len(self.plans),
            "reports": len(self.reports),
            "spools": len(self.spools),
            "account_versions": self.account_versions,
            "membership_versions": self.membership_versions,
            "log_events": self.log_events,
        }


class Pruning(Rewriting):
    """The retention of one project. It is called under the lock."""

    def prune(self, *, live: bool) -> Pruned:
        """Removes what is due; without `live` it is only named. What is removed is written down before: an interruption leaves a rest that is due again.

        Raises JournalReplaced: plans that only the lost journal needs would go.
        """
        self._refuse_replaced_journal()
        ended = self.end_interrupted() if live else self.is_rewrite_due()
        settings = self.project.file.retention
        accounts, memberships = self._history(settings.history_days, live=False)
        due = Pruned(
            live=live,
            plans=tuple(self._plans(settings.plans_days)),
            reports=tuple(each.name for each in self._old_files(_REPORTS, "*", settings.reports_days)),
            spools=tuple(each.name for each in self._old_files(_SPOOLS, "*.pages", settings.spools_days)),
            account_versions=accounts,
            membership_versions=memberships,
            log_events=self._log_events(settings.log_days, live=False),
            interrupted_forgetting=ended,
        )
        if live and not due.nothing:
            with self._journal() as journal:
                journal.audit.record(AuditEvent.PRUNED, facts=due.counts())
            self._remove(due)
            self._history(settings.history_days, live=True)
            self._log_events(settings.log_days, live=True)
        return due

    def _plans(self, days: int | None) -> list[str]:
        folder = self.project.state / FOLDER
        if days is None or not folder.is_dir():
            return []
        saved = [each.name for each in folder.iterdir() if each.is_dir() and not each.is_symlink() and _DIGEST.fullmatch(each.name)]
        with self._journal() as journal:
            return plans_without_use(journal, saved, days)

    def _old_files(self, folder: str, pattern: str, days: int | None) -> Iterator[Path]:
        """The files of a folder that were not written for so many days."""
        if days is None:
            return
        before = self.project.clock.now() - timedelta(days=days)
        for path in sorted((self.project.state / folder).glob(pattern)):
            if path.is_file() and not path.is_symlink() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                yield path

    def _history(self, days: int | None, *, live: bool) -> tuple[int, int]:
        """The closed rows that are due; sources of people keep theirs, by which an absence is proven."""
        if days is None or not (self.project.state / FILE).exists():
            return 0, 0
        sources = {source.connector for source in self.project.mappings.identities.source}
        targets = sorted({mapping.target for mapping in self.project.mappings.targets} - sources)
        moment = (self.project.clock.now() - timedelta(days=days)).isoformat(timespec="seconds")
        with Store.open(self.project.state, write=live) as store:
            store.do("make_forgettable_records", "make_forgettable_memberships", moment=moment, targets=targets)
            accounts, memberships = store.rows("forgettable_counts")[0]
            if live and (accounts or memberships):
                # They leave out what ended since they were made, and would show it again.
                store.wide.forget()
                with store.transaction():
                    store.do("remember_forgotten", "forget_records", "forget_memberships", moment=moment)
        return accounts, memberships

    def _log_events(self, days: int | None, *, live: bool) -> int:
        """Counts the events of logs that are due. The place up to which a log is kept stays, so that the next extract does not read them again."""
        if days is None or not (self.project.state / FILE).exists():
            return 0
        moment = (self.project.clock.now() - timedelta(days=days)).astimezone(UTC).isoformat(timespec="seconds")[:19]
        with Store.open(self.project.state, write=live) as store:
            due = int(store.value("old_log_events", moment=moment))
            if live and due:
                store.do("forget_log_events", moment=moment)
        return due

    def _remove(self, due: Pruned) -> None:
        """Removes the folders and files."""
        state = self.project.state
        for name in due.plans:
            shutil.rmtree(state / FOLDER / name)
        for folder, names in ((_REPORTS, due.reports), (_SPOOLS, due.spools)):
            for name in names:
                (state / folder / name).unlink(missing_ok=True)

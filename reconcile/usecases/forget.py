"""Forgets a person who is gone: removes what the store, the plans, the reports, the journal and the log hold about them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from connectors.contract import AccountState, EntitlementKind
from reconcile.apply.audit import AuditEvent
from reconcile.apply.forgetting import Forgotten, forget
from reconcile.apply.journal import Journal
from reconcile.decide.identities.build import gather_identities
from reconcile.disk import write_private
from reconcile.errors import ExitCode, ReconcileError, UnfinishedRun
from reconcile.plan.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb
from reconcile.project.decisions import FILE as DECISIONS
from reconcile.store.connection import Store
from reconcile.store.plans.files import FOLDER as PLANS
from reconcile.usecases.history import Key, person_keys
from reconcile.usecases.mentions import Mentions
from reconcile.usecases.rewriting import Rewriting

REPORTS = "reports"
SHORTEST = 4
"""Characters of the shortest value that identifies a person wherever it stands."""
_STATEMENTS = (
    "erase_versions", "erase_memberships_held", "erase_quarantined", "erase_links", "erase_granted", "erase_rests", "erase_lessons",
    "erase_account_notes", "erase_unlisted", "erase_unseen", "erase_log_events", "erase_log_actors",
)  # fmt: skip


def own_words() -> set[str]:
    """The words that plans, reports and the journal are made of whomever they are about, in lower case."""
    named = [each.value for kind in (Verb, Situation, FindingKind, Severity, AccountState, EntitlementKind) for each in kind]
    parts = [word for each in named for word in each.split("_")]
    return {each.lower() for each in (*named, *parts, *(field.name for kind in (Operation, Finding, Because) for field in fields(kind)))}


class StillThere(ReconcileError):
    """A person who is to be forgotten is in a source or has an account: the next extract would read them again."""

    exit_code = ExitCode.REFUSED

    def __init__(self, systems: Sequence[str]) -> None:
        self.systems = tuple(systems)
        listed = ", ".join(sorted(set(systems)))
        super().__init__(
            f"Forget: the latest read of {listed} shows this person, so the next one would bring them back. Have the record removed there "
            "(an account: reconcile act delete WHO --why REASON --live), run `reconcile extract`, then try again."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenPerson:
    """The rows and files that are removed, or would be. Without a personal value."""

    live: bool
    records: int
    """Versions of records of all systems."""
    memberships: int
    quarantined: int
    log_events: int
    """Events of the systems' own logs that are about them, or that they did."""
    journal_rows: int
    """Entries, holds, rejections and reasons that no longer name the person."""
    audit_entries: int
    """Entries that keep their hash and lose their facts."""
    plans: tuple[str, ...]
    """Digests. Their runs can be neither shown nor undone any more."""
    reports: tuple[str, ...]
    """Names of files."""
    log_lines: int
    decisions: int
    """Lines of decisions.csv that name the person. They stay: it is a file of the project's owner."""
    left: tuple[str, ...] = ()
    """Attributes, as system and name, whose values others have, too, or that are common words: where files about others hold them, they stay."""


class Forgetting(Rewriting):
    """The forgetting of people of one project. It is called under the lock."""

    def forget(self, who: str, *, live: bool) -> ForgottenPerson:
        """Removes a person who is known so. Raises NobodyKnownAs, SeveralKnownAs, StillThere, UnfinishedRun.

        The store comes last, by which the person is found: after an interruption the command can be given again.
        """
        self._project_journal()
        with self._journal() as journal:
            if unfinished := journal.runs.unfinished():
                raise UnfinishedRun(unfinished[0])
            with Store.open(self.project.state, write=live) as store:
                anchors, records = self._person(store, journal, who)
                stated = store.rows("texts_of_one_person", shortest=SHORTEST, words=sorted(own_words()))
                texts = [value for value, _, is_theirs in stated if is_theirs]
                left = sorted({place for _, places, is_theirs in stated if not is_theirs for place in places})
                texts = sorted({*texts, *(each for each in (*anchors, *(id_ for _, id_ in records)) if len(each) >= SHORTEST)})
                store.append("forgotten_text", {"value": texts})
                mentions = Mentions.of({*anchors, *(id_ for _, id_ in records)}, texts)
                if live:
                    self._begin_rewrite()
                in_journal = forget(journal, anchors, records, texts, live=live)
                found = replace(self._found(store, mentions, in_journal, live=live), left=tuple(left))
                if live:
                    self._remove(store, journal, mentions, found, sorted(anchors))
        if live:
            self._rewrite()
        return found

    def _person(self, store: Store, journal: Journal, who: str) -> tuple[set[str], set[Key]]:
        """The person's anchors and records, which are kept in a working table. Raises StillThere."""
        traits = {name: each.traits for name, each in self._targets().items()}
        gather_identities(store, self.project.mappings, self.language, self.today)
        anchors, records = person_keys(store, journal, traits, who)
        store.do("make_forgotten_person", "make_forgotten_texts")
        systems, ids = zip(*sorted(records), strict=True)
        store.append("forgotten_record", {"system": systems, "id": ids})
        if there := store.rows("records_still_there"):
            raise StillThere([system for system, _ in there])
        return anchors, records

    def _found(self, store: Store, mentions: Mentions, in_journal: Forgotten, *, live: bool) -> ForgottenPerson:
        state = self.project.state
        records, memberships, quarantined, log_events = store.rows("rows_of_forgotten")[0]
        return ForgottenPerson(
            live=live,
            records=records,
            memberships=memberships,
            quarantined=quarantined,
            log_events=log_events,
            journal_rows=in_journal.rows,
            audit_entries=in_journal.audit_entries,
            plans=tuple(mentions.plans(state)),
            reports=tuple(path.name for path in mentions.files(state / REPORTS)),
            log_lines=mentions.lines(log) if (log := self._log()) else 0,
            decisions=mentions.lines(self.project.folder / DECISIONS),
        )

    def _remove(self, store: Store, journal: Journal, mentions: Mentions, found: ForgottenPerson, anchors: Sequence[str]) -> None:
        """Removes the files, then the rows of the store, and writes down how much it was."""
        state = self.project.state
        for digest in found.plans:
            shutil.rmtree(state / PLANS / digest)
        for name in found.reports:
            (state / REPORTS / name).unlink()
        if found.log_lines and (log := self._log()):
            write_private(log, mentions.without_lines(log))
        # They hold what the history holds, and are made anew.
        store.wide.forget()
        with store.transaction():
            store.do(*_STATEMENTS, anchors=list(anchors))
        counts = {"records": found.records, "memberships": found.memberships, "plans": len(found.plans), "reports": len(found.reports)}
        journal.audit.record(AuditEvent.FORGOTTEN, facts={"removed": counts})

    def _log(self) -> Path | None:
        log = self.project.file.log.file
        return self.project.folder / log if log else None

"""Tells what changed in the systems, and by whom: of one person, within a time, or the losses of one group."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.contract import Traits, Value
from connectors.quoting import quoted
from reconcile.apply.journal import Journal
from reconcile.apply.other_anchors import other_anchors
from reconcile.decide.identities.build import gather_identities
from reconcile.errors import ExitCode, NobodyKnownAs, ReconcileError, SeveralKnownAs
from reconcile.plan.change import Change, ChangeKind
from reconcile.plan.journal_place import JournalPlace
from reconcile.store.connection import Store
from reconcile.store.values import json_path
from reconcile.usecases.access import ProjectAccess
from reconcile.usecases.creations_begun import CreationsBegun, creations_begun
from reconcile.usecases.own_runs import OwnRuns, runs_within
from reconcile.usecases.subject import Subject, known_as
from reconcile.usecases.witness import Witnessed, with_kept_actors, witnessed

NAMED_BY = ("login", "userName", "email", "displayName", "name")
"""Attributes that a record is called by, the first that it has."""
LATEST = "9999"
"""A time after every read."""

Key = tuple[str, str]
"""A record: system and id."""


class NoSuchGroup(ReconcileError):
    """No group, app or role was ever called so."""

    exit_code = ExitCode.USAGE

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"The group {quoted(name)}: no system was ever read with a group, app or role of that name. Give its name or its id."
        )


@dataclass(frozen=True, slots=True)
class _Open:
    """The store, the state folder and the journal of a project while they are read."""

    store: Store
    state: Path
    journal: Journal
    logins: Mapping[str, str]
    """The attribute of each target that holds the login."""


@dataclass(frozen=True, slots=True)
class Histories(ProjectAccess):
    """The history of one project."""

    def of_person(self, who: str, since: str = "") -> list[Change]:
        """Every change of the records that are or were known so, and of the accounts linked to them. Raises JournalReplaced, NobodyKnownAs, SeveralKnownAs."""
        self._refuse_replaced_journal()
        traits = {name: each.traits for name, each in self._targets().items()}
        with Store.open(self.project.state, write=False) as store, self._journal() as journal:
            gather_identities(store, self.project.mappings, self.language, self.today)
            return _changes(self._open(store, journal), since, LATEST, sorted(_records(store, journal, traits, who)))

    def between(self, since: str, until: str) -> list[Change]:
        """Every change that the reads within a time show. What a first read shows is no change. Raises JournalReplaced."""
        self._refuse_replaced_journal()
        with Store.open(self.project.state, write=False) as store, self._journal() as journal:
            return _changes(self._open(store, journal), since, until)

    def lost(self, group: str, since: str) -> list[Change]:
        """The memberships of a group, app or role that ended since a time. Raises JournalReplaced, NoSuchGroup."""
        self._refuse_replaced_journal()
        with Store.open(self.project.state, write=False) as store, self._journal() as journal:
            groups = {(system, id_) for system, id_ in store.rows("groups_ever_called", name=group)}
            if not groups:
                raise NoSuchGroup(group)
            store.do("make_read_times")
            asked = {**_asked(since, LATEST, None), **_of_entitlements({id_ for _, id_ in groups})}
            members = [row for row in store.rows("membership_history", **asked) if (row[0], row[2]) in groups]
            return [each for each in _attributed(self._open(store, journal), (), members, LATEST) if each.kind is ChangeKind.LOST]

    def pruned(self, since: str) -> Mapping[str, str]:
        """The systems of which changes after a time may be missing, because retention removed rows, each with the time of the last such read."""
        with Store.open(self.project.state, write=False) as store:
            return dict(store.rows("pruned_histories", since=since))

    def _open(self, store: Store, journal: Journal) -> _Open:
        return _Open(store, self.project.state, journal, {name: each.traits.login for name, each in self._targets().items()})

    def with_actors(self, changes: Sequence[Change]) -> Witnessed:
        """The changes, with who made those that no run made, by the logs of the systems. Reads them now."""
        systems = sorted({each.system for each in changes if not each.run and each.since} & self._targets().keys())

        async def read() -> Witnessed:
            async with self._opened(systems) as sources:
                return await witnessed(changes, sources)

        return asyncio.run(read())


def _records(store: Store, journal: Journal, traits: Mapping[str, Traits], who: str) -> set[Key]:
    """The records of one person or account. Raises NobodyKnownAs, SeveralKnownAs."""
    return person_keys(store, journal, traits, who)[1]


def person_keys(store: Store, journal: Journal, traits: Mapping[str, Traits], who: str) -> tuple[set[str], set[Key]]:
    """The anchors that one person has or had, and the records that are or were theirs. Raises NobodyKnownAs, SeveralKnownAs."""
    try:
        subject = known_as(store, who, traits)
    except NobodyKnownAs:
        subject = _once_known_as(store, traits, who)
    found = set(subject.accounts.items())
    pairs = store.rows("pairs_of_people", who=subject.anchor, **_columns(sorted(found)))
    anchors = {subject.anchor, *(anchor for _, anchor, _ in pairs)} - {""}
    new = anchors
    while new:
        for anchor in sorted(new):
            found |= _records_of(store, anchor)
        new = set(other_anchors(journal, anchors, found))
        anchors |= new
    return anchors, found


def _records_of(store: Store, anchor: str) -> set[Key]:
    """The accounts that are linked to an anchor, and the rows that sources have or had of it."""
    found = {(target, account) for target, _, account in store.rows("pairs_of_people", who=anchor, systems=[], ids=[])}
    found |= {(row[0], row[1]) for row in store.rows("person_rows", anchor=anchor)}
    return found | {(system, id_) for system, id_ in store.rows("rows_with_id", anchor=anchor)}


def _once_known_as(store: Store, traits: Mapping[str, Traits], who: str) -> Subject:
    """The accounts that once were known so, or a person who was in a source under that id. Raises NobodyKnownAs, SeveralKnownAs."""
    subject = Subject()
    for name, each in traits.items():
        paths = {"login_path": json_path(each.login), "email_path": json_path(each.email)}
        ids = [id_ for (id_,) in store.rows("accounts_once_known_as", system=name, who=who, **paths)]
        if len(ids) > 1:
            raise SeveralKnownAs(who, ids)
        if ids:
            subject.accounts[name] = ids[0]
    if not subject.accounts:
        if not store.rows("rows_with_id", anchor=who):
            raise NobodyKnownAs(who)
        subject.anchor = who
    return subject


def _changes(at: _Open, since: str, until: str, records: Sequence[Key] | None = None) -> list[Change]:
    """The changes within a time, in order; of some records, where they are given, also those that the first read shows."""
    asked = _asked(since, until, records)
    at.store.do("make_read_times")
    return _attributed(
        at, at.store.rows("record_history", **asked), at.store.rows("membership_history", **asked, **_of_entitlements(None)), until
    )


def _asked(since: str, until: str, records: Sequence[Key] | None) -> dict[str, object]:
    """The parameters that choose changes. A first read shows everything that there is: only of some records it is asked for."""
    some = records is not None
    return {"since": since, "until": until, "some": some, "with_first": some, **_columns(records or ())}


def _of_entitlements(ids: Collection[str] | None) -> dict[str, object]:
    """The parameters that choose the memberships of some entitlements; None: all."""
    return {"of_entitlements": ids is not None, "entitlement_ids": sorted(ids or ())}


def _attributed(at: _Open, of_records: Sequence[Sequence[Any]], of_members: Sequence[Sequence[Any]], until: str) -> list[Change]:
    """The changes that rows of the history show, in order, each with the run that wrote its account between the two reads."""
    known = sorted({(row[0], row[1]) for row in (*of_records, *of_members)})
    names = {(system, id_): called(id_, attributes) for system, id_, attributes in at.store.rows("names_of_records", **_columns(known))}
    # What a first read shows was there before any run.
    spans = [(since, read) for read, since in map(_places, (*of_records, *of_members)) if since.at]
    runs = runs_within(at.state, at.journal, *_widest(spans, until), [id_ for _, id_ in known])
    begun = creations_begun(at.state, at.journal, at.logins)
    found = [change for row in of_records for change in _of_record(row, names, runs, begun)]
    found += [_of_membership(row, names, runs) for row in of_members]
    return sorted(
        with_kept_actors(at.store, found), key=lambda each: (each.until, each.system, each.who, each.record_id, each.kind, each.name)
    )


def _places(row: Sequence[Any]) -> tuple[JournalPlace, JournalPlace]:
    """The places of the read that shows a change, and of the last one before that did not fail."""
    return JournalPlace(*row[-4:-2]), JournalPlace(*row[-2:])


def _widest(spans: Sequence[tuple[JournalPlace, JournalPlace]], until: str) -> tuple[JournalPlace, JournalPlace]:
    """The places between which all spans lie."""
    begun = [since.entry for since, _ in spans if since.entry is not None]
    ended = [read.entry for _, read in spans if read.entry is not None]
    since = min((each.at for each, _ in spans), default=until)
    return JournalPlace(since, min(begun, default=None)), JournalPlace(until, max(ended, default=None))


def _of_record(row: Sequence[Any], names: Mapping[Key, str], runs: OwnRuns, begun: CreationsBegun) -> Iterator[Change]:
    system, id_, old_state, new_state, old, new = row[:6]
    read, earlier = _places(row)
    said = {"system": system, "record_id": id_, "who": names.get((system, id_), id_), "since": earlier.at, "until": read.at}

    def change(kind: ChangeKind, name: str = "", before: Value = None, after: Value = None) -> Change:
        run = runs.of((system, id_, ""), earlier, read, kind, name)
        return Change(**said, kind=kind, name=name, before=before, after=after, run=run)

    before, after = json.loads(old or "{}"), json.loads(new or "{}")
    if new is None:
        yield change(ChangeKind.GONE, before=old_state)
        return
    if old is None:
        appeared = change(ChangeKind.APPEARED, after=new_state)
        attempt = "" if appeared.run else begun.run_of(system, after, earlier, read)
        yield replace(appeared, run=attempt, begun=True) if attempt else appeared
    elif old_state != new_state:
        yield change(ChangeKind.STATE, "state", old_state, new_state)
    for name in sorted(before.keys() | after.keys()) if old is not None else ():
        if before.get(name) != after.get(name):
            yield change(ChangeKind.ATTRIBUTE, name, before.get(name), after.get(name))


def _of_membership(row: Sequence[Any], names: Mapping[Key, str], runs: OwnRuns) -> Change:
    system, account, entitlement, name, member = row[:5]
    read, earlier = _places(row)
    kind = ChangeKind.JOINED if member else ChangeKind.LOST
    return Change(
        system=system,
        record_id=account,
        who=names.get((system, account), account),
        kind=kind,
        name=name,
        entitlement_id=entitlement,
        since=earlier.at,
        until=read.at,
        run=runs.of((system, account, entitlement), earlier, read, kind),
    )


def _columns(records: Sequence[Key]) -> dict[str, list[str]]:
    return {"systems": [system for system, _ in records], "ids": [id_ for _, id_ in records]}


def called(id_: str, attributes: str) -> str:
    """Returns the login, address or name that a record is known by; its id where it has none."""
    values = json.loads(attributes)
    return next((values[name] for name in NAMED_BY if isinstance(values.get(name), str) and values[name]), id_)

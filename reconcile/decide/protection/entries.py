"""Resolves each entry of `[protected]` by the latest snapshots, and reports entries without a match."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import assert_never

from connectors.contract import ScopeKind, Traits
from connectors.quoting import quoted
from mappings.expressions import Language
from reconcile.decide.evidence import Evidence
from reconcile.decide.matching.correlate import make_forms
from reconcile.decide.protection.conditions import AccountConditions, by_condition
from reconcile.decide.protection.groups import GroupEntry, group_entries, renamed_findings
from reconcile.decide.protection.names import is_name, is_pattern, pattern_regex
from reconcile.decide.protection.protected import Protection, by_group
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.plan.same_account import fold
from reconcile.project.config import Protected
from reconcile.store.connection import Store
from reconcile.store.values import json_path

TYPING_MISTAKE = 2
"""Letters by which a long name may differ from an entry that means it; a short one by one."""
LONG = 9
NEAR = 3
"""More near misses than these say nothing."""


class EntryKind(StrEnum):
    """Setting of an entry under `[protected]`."""

    PERSON = "people"
    PEOPLE_WHERE = "people_where"
    ACCOUNT = "accounts"
    GROUP = "groups"
    ACCOUNTS_WHERE = "accounts_where"


@dataclass(frozen=True, slots=True)
class UnmatchedEntry:
    """An entry that matches no person, account or group."""

    kind: EntryKind
    target: str
    text: str
    near: tuple[str, ...] = ()
    """Names that are there and that it may mean."""
    empty_group: bool = False

    @property
    def setting(self) -> str:
        """Returns its setting in reconcile.toml."""
        return f"protected.{self.kind}{f'.{self.target}' if self.target else ''}"

    @property
    def sentence(self) -> str:
        return f"{self.setting}: {quoted(self.text)} {self._state()}, so it protects nothing. Correct the entry or remove it{self._hint()}"

    def unchecked(self, why: str) -> str:
        """The sentence where what the entry may match was not read completely."""
        return f"{self.setting}: {quoted(self.text)} has no match so far, and that could not be checked: {why}."

    def _state(self) -> str:
        match self.kind:
            case EntryKind.PERSON:
                return "is no person's anchor"
            case EntryKind.ACCOUNT:
                return f"matches no account of {self.target} and no person"
            case EntryKind.GROUP:
                return f"is a group of {self.target} without members" if self.empty_group else f"is no group of {self.target}"
            case EntryKind.PEOPLE_WHERE:
                return "holds for no person"
            case EntryKind.ACCOUNTS_WHERE:
                return f"holds for no account of {self.target}"
            case _:
                assert_never(self.kind)

    def _hint(self) -> str:
        return f"; did you mean {' or '.join(map(quoted, self.near))}?" if self.near else "."


@dataclass(frozen=True, slots=True)
class ResolvedProtection:
    """Protection by the latest snapshots."""

    protection: Protection
    unmatched: tuple[UnmatchedEntry, ...] = ()
    groups: tuple[GroupEntry, ...] = ()


@dataclass(slots=True)
class _Resolver:
    """Looks up the entries in the snapshots and in the working tables of `gather_identities`."""

    store: Store
    protected: Protected
    searching: bool
    """Whether entries without a match are collected, with what they may mean."""
    unmatched: list[UnmatchedEntry] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    accounts: dict[tuple[str, str], str] = field(default_factory=dict)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    group_entries: list[GroupEntry] = field(default_factory=list)

    def resolve_people(self) -> None:
        if not self.protected.people and not self.protected.people_where:
            return
        self.store.do("make_protected_anchors")
        known = {}
        for text, found in self._matched(self.protected.people).items():
            known.update({anchor: f"protected: {anchor} is listed under people" for anchor in found})
            if not found:
                self.unmatched.append(UnmatchedEntry(EntryKind.PERSON, "", text, self._near(text)))
        if where := self.protected.people_where:
            self.store.expressions.computes("identity", "anchor", [where])
            holds = self.store.expressions.keys("identity", "anchor", where=where)
            known |= {anchor: f"protected: people_where holds for {anchor}" for anchor in holds if anchor not in known}
            if not holds:
                self.unmatched.append(UnmatchedEntry(EntryKind.PEOPLE_WHERE, "", where))
        others = self.store.rows("other_anchors", anchors=sorted(known)) if known else []
        self.people = known | {anchor: f"{known[of]}, who is also {anchor}" for anchor, of in others}

    def resolve_accounts(self, target: str, traits: Traits) -> None:
        entries = self.protected.accounts.get(target, ())
        if not entries:
            return
        columns = self.store.value("known_columns", system=target) or []
        names = sorted({traits.login, traits.email, *(name for name in columns if is_name(name, traits))})
        self.store.do("make_protected_names", target=target, paths=[json_path(name) for name in names])
        for text, found in self._matched(entries).items():
            for account_id in found:
                reason = f"protected: {account_id} matches {fold(text)}, which is listed under accounts of {target}"
                self.accounts.setdefault((target, account_id), reason)
            if self.searching and not found and not self._names_a_person(text):
                self.unmatched.append(UnmatchedEntry(EntryKind.ACCOUNT, target, text, self._near(text)))

    def resolve_groups(self, target: str) -> None:
        entries = self.protected.groups.get(target, ())
        if not entries:
            return
        chosen = group_entries(self.store, target, entries)
        self.group_entries += chosen
        self.groups[target] = {id_: name for entry in reversed(chosen) for id_, name in entry.protects.items()}
        members = self.store.rows("members_of_groups", target=target, ids=sorted(self.groups[target]))
        for id_, account_id in members:
            self.accounts.setdefault((target, account_id), by_group(target, self.groups[target][id_]))
        filled = {id_ for id_, _ in members}
        for entry in chosen:
            if not entry.protects:
                near = _nearest(entry.text, [row[1] for row in self.store.rows("groups_of_target", target=target)])
                self.unmatched.append(UnmatchedEntry(EntryKind.GROUP, target, entry.text, near))
            elif not filled & entry.protects.keys():
                self.unmatched.append(UnmatchedEntry(EntryKind.GROUP, target, entry.text, empty_group=True))

    def resolve_condition(self, target: str, conditions: AccountConditions) -> None:
        where = conditions.where.get(target, "")
        if not where:
            return
        holds = conditions.matching(self.store, target)
        for account_id in holds:
            self.accounts.setdefault((target, account_id), by_condition(target))
        if not holds:
            self.unmatched.append(UnmatchedEntry(EntryKind.ACCOUNTS_WHERE, target, where))

    def _matched(self, texts: Iterable[str]) -> Mapping[str, list[str]]:
        """Returns by entry the accounts or anchors that it names, in the table `protected_name`."""
        found: dict[str, list[str]] = {text: [] for text in texts}
        literal = sorted({fold(text) for text in found if not is_pattern(text)})
        named: dict[str, list[str]] = {}
        for name, subject in self.store.rows("subjects_named", names=literal) if literal else []:
            named.setdefault(name, []).append(subject)
        for text in found:
            folded = fold(text)
            if is_pattern(text):
                found[text] = [row[0] for row in self.store.rows("subjects_like", regex=pattern_regex(folded))]
            else:
                found[text] = named.get(folded, [])
        return found

    def _names_a_person(self, text: str) -> bool:
        return bool(self.store.value("people_stating", regex=pattern_regex(fold(text))))

    def _near(self, text: str) -> tuple[str, ...]:
        name = fold(text)
        if not self.searching or is_pattern(text):
            return ()
        most = TYPING_MISTAKE if len(name) >= LONG else 1
        near = tuple(row[0] for row in self.store.rows("names_nearly", name=name, most=most))
        return near if len(near) <= NEAR else ()


@dataclass(frozen=True, slots=True)
class ProtectionRules:
    """The entries of a project, and what they are judged by."""

    protected: Protected
    traits: Mapping[str, Traits]
    language: Language
    run_date: date

    def resolve(self, store: Store, *, searching: bool = True) -> ResolvedProtection:
        """Resolves whom the entries protect, once the identities are built. `searching`: whether entries without a match are reported."""
        make_forms(store)
        conditions = AccountConditions(self.protected.accounts_where, self.language, self.run_date)
        resolver = _Resolver(store, self.protected, searching)
        with store.schemas.step():
            resolver.resolve_people()
        for target in sorted(self.traits):
            with store.schemas.step():
                resolver.resolve_accounts(target, self.traits[target])
            resolver.resolve_groups(target)
            resolver.resolve_condition(target, conditions)
        found = Protection(
            people=frozenset(map(fold, self.protected.people)),
            accounts={target: frozenset(map(fold, names)) for target, names in self.protected.accounts.items()},
            known_people=resolver.people,
            known_accounts=resolver.accounts,
            groups=resolver.groups,
            condition=conditions.reason,
        )
        return ResolvedProtection(found, tuple(resolver.unmatched), tuple(resolver.group_entries))


def entry_findings(resolved: ResolvedProtection, evidence: Evidence, sources: Iterable[str]) -> list[Finding]:
    """Returns a finding for each entry without a match (a note where not all was read completely), or matched by a name of before."""
    doubted_sources = evidence.doubted(sources)
    unmatched = [_finding(each, _unread(each, evidence, doubted_sources)) for each in resolved.unmatched]
    return [*unmatched, *renamed_findings(resolved.groups)]


def _finding(entry: UnmatchedEntry, unread: str) -> Finding:
    return Finding(
        kind=FindingKind.PROTECTED_ENTRY,
        severity=Severity.NOTE if unread else Severity.ATTENTION,
        target=entry.target,
        message=entry.unchecked(unread) if unread else entry.sentence,
    )


def _unread(entry: UnmatchedEntry, evidence: Evidence, doubted_sources: list[str]) -> str:
    """Returns what was not read completely and may hold what the entry means; empty where everything was."""
    match entry.kind:
        case EntryKind.PERSON | EntryKind.PEOPLE_WHERE:
            doubted = doubted_sources
        case EntryKind.ACCOUNT | EntryKind.ACCOUNTS_WHERE:
            doubted = [*evidence.doubted([entry.target]), *doubted_sources]
        case EntryKind.GROUP:
            members = f"{ScopeKind.MEMBERS} "
            partly = any(not each.complete and each.system == entry.target and each.scope.startswith(members) for each in evidence.scopes)
            doubted = [entry.target] if entry.target in evidence.entitlements_doubted or partly else []
        case _:
            assert_never(entry.kind)
    return f"{' and '.join(dict.fromkeys(doubted))} was not read completely" if doubted else ""


def _nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    shown = {fold(each): each for each in sorted(known, reverse=True)}
    return tuple(shown[each] for each in difflib.get_close_matches(fold(name), sorted(shown), n=NEAR, cutoff=0.8))

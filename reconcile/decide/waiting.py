"""Counts the people who are frozen by a source that cannot be trusted, and makes a finding for each read that is incomplete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from connectors.contract import ScopeKind
from reconcile.decide.evidence import Evidence
from reconcile.decide.fragment import named
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.plan.origin import ReadScope
from reconcile.plan.waits import WaitCause, Waiting
from reconcile.store.connection import Store


def people_who_wait(store: Store, evidence: Evidence) -> tuple[Waiting, ...]:
    """Counts frozen people by source and cause, once every target was decided. Leavers who can still sign in come first."""
    names = _names(evidence.scopes)
    return tuple(
        Waiting(
            source=source,
            subject=names.get(str(source), str(source)),
            cause=WaitCause(why),
            people=people,
            leavers=leavers,
            sample=tuple(named(*each) for each in sample),
        )
        for source, why, people, leavers, sample in store.rows("waiting_people")
    )


def _names(scopes: Iterable[ReadScope]) -> dict[str, str]:
    """Returns the name of each incomplete source for a reader: that of its file, where one file is the cause."""
    found: dict[str, list[str]] = {}
    for scope in scopes:
        if not scope.complete:
            found.setdefault(scope.system, []).append(scope.scope)
    files = {system: each[0].removeprefix("file ") for system, each in found.items() if len(each) == 1 and each[0].startswith("file ")}
    return {system: name for system, name in files.items() if name}


def waiting_sentence(each: Waiting) -> str:
    """`3 people wait for contractors.csv (1 of them left: Anna Lee (0010001))`."""
    return f"{number_of(each.people, 'person waits', 'people wait')} for {_awaited(each)}{_who(each)}"


def _awaited(each: Waiting) -> str:
    match each.cause:
        case WaitCause.UNTRUSTED:
            return each.subject
        case WaitCause.UNSEEN:
            return f"the rows of {each.subject} that name no person"
        case WaitCause.ROW:
            return f"rows of {each.source} that cannot be used"
        case WaitCause.TARGET:
            return f"accounts of {each.source}, which was not read completely"
        case _:
            assert_never(each.cause)


def _who(each: Waiting) -> str:
    """Names those who left, else those who wait."""
    first = each.sample[: each.leavers] if each.leavers else each.sample
    more = (each.leavers or each.people) - len(first)
    shown = ", ".join(first) + (f" and {more:,} more" if more > 0 else "")
    if not each.leavers:
        return f" ({shown})"
    return f" (who left: {shown})" if each.people == 1 else f" ({each.leavers:,} of them left: {shown})"


@dataclass(frozen=True, slots=True)
class Consequences:
    """Consequences of scopes that were not read completely."""

    sources: frozenset[str]
    targets: frozenset[str]
    waiting: Sequence[Waiting] = ()
    all_frozen: bool = False
    """Whether doubt about one source freezes all people."""
    never_read: frozenset[str] = frozenset()
    """The targets that no read has reached yet."""

    def findings(self, evidence: Evidence) -> tuple[Finding, ...]:
        """One for each incomplete scope: what stays frozen because of it."""
        return tuple(
            Finding(
                kind=FindingKind.FROZEN,
                severity=Severity.ATTENTION,
                target=scope.system,
                message=f"{scope.system}: {scope.scope} was not read completely: {scope.reason.rstrip('.')}. {' '.join(self._of(scope))}",
            )
            for scope in evidence.scopes
            if not scope.complete
        )

    def _of(self, scope: ReadScope) -> Iterable[str]:
        of_people = scope.system in self.sources and _holds_people(scope)
        if of_people and self.all_frozen:
            yield 'Nothing is changed for any person until it is: in_doubt = "freeze_all".'
        elif of_people:
            yield self._who_is_frozen(scope)
            goes_on = "what the other rows state goes on" if scope.partial else "all other people go on"
            yield f"No person counts as gone; {goes_on}."
        if scope.system in self.never_read:
            yield "It was never read before: nothing is decided there until it is, and the other targets go on."
        elif not of_people or scope.system in self.targets:
            yield f"Nothing that depends on it is changed{f' in {scope.system}' if of_people else ''}."

    def _who_is_frozen(self, scope: ReadScope) -> str:
        held = "whom an earlier read held and this one does not show" if scope.partial else "whom its last good read held"
        for each in self.waiting:
            if each.source == scope.system and each.cause not in (WaitCause.ROW, WaitCause.TARGET):
                return f"Frozen: {number_of(each.people, 'person', 'people')} {held}{_who(each)}."
        return f"No person is frozen by it: there is no person {held}."


def _holds_people(scope: ReadScope) -> bool:
    return scope.scope.partition(" ")[0] in (ScopeKind.FILE, ScopeKind.ACCOUNTS)


def awaited(source: str, cause: WaitCause) -> str:
    """Returns what one person waits for, in a sentence about them."""
    match cause:
        case WaitCause.UNTRUSTED:
            return f"Waits for {source}, which could not be trusted: its last good read holds them, so everything stays as it is."
        case WaitCause.UNSEEN:
            return f"Waits for {source}: it does not show them now, and one of its rows that name no person may be theirs, so everything stays as it is."
        case WaitCause.ROW:
            return f"Waits for a row of {source} that cannot be used, so everything stays as it is."
        case WaitCause.TARGET:
            return f"Left, and keeps the account in {source} until that is read completely."
        case _:
            assert_never(cause)

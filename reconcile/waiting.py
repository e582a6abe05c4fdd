"""Who waits for a source that cannot be trusted, and a finding for each read that is incomplete: what stays frozen because of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from reconcile.amounts import number_of
from reconcile.model import Finding, FindingKind, ReadScope, Severity, WaitCause, Waiting
from reconcile.store import Store
from reconcile.trust import Trust


def people_who_wait(store: Store, trust: Trust) -> tuple[Waiting, ...]:
    """Who is frozen, by source and cause, once every target was decided. Those who left and can still sign in come first."""
    names = _names(trust.scopes)
    return tuple(
        Waiting(source=source, subject=names.get(source, source), cause=WaitCause(why), people=people, leavers=leavers, sample=tuple(sample))
        for source, why, people, leavers, sample in store.rows("waiting_people")
    )


def _names(scopes: Iterable[ReadScope]) -> dict[str, str]:
    """What a reader calls an incomplete source: its file, where one file is what is wrong."""
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
            return f"the rows of {each.subject} that name nobody"
        case WaitCause.ROW:
            return f"rows of {each.source} that cannot be used"
        case _:
            assert_never(each.cause)


def _who(each: Waiting) -> str:
    """Those who left by name, else those who wait."""
    named = each.sample[: each.leavers] if each.leavers else each.sample
    more = (each.leavers or each.people) - len(named)
    shown = ", ".join(named) + (f" and {more:,} more" if more > 0 else "")
    return f" ({each.leavers:,} of them left: {shown})" if each.leavers else f" ({shown})"


def frozen_findings(trust: Trust, waiting: Sequence[Waiting], sources: frozenset[str], targets: frozenset[str], *, whole: bool) -> tuple[Finding, ...]:
    """One for each incomplete scope: what stays frozen because of it. `whole`: whether doubt about one source freezes everybody."""
    people = {each.source: each for each in waiting if each.cause is not WaitCause.ROW}
    return tuple(
        Finding(
            kind=FindingKind.FROZEN,
            severity=Severity.ATTENTION,
            target=scope.system,
            message=f"{scope.system}: {scope.scope} was not read completely: {scope.reason.rstrip('.')}. {' '.join(effects)}",
        )
        for scope in trust.scopes
        if not scope.complete
        for effects in [tuple(_effects(scope, people, sources, targets, whole=whole))]
    )


def _effects(
    scope: ReadScope, people: Mapping[str, Waiting], sources: frozenset[str], targets: frozenset[str], *, whole: bool
) -> Iterable[str]:
    of_people = scope.system in sources and scope.holds_people
    if of_people and whole:
        yield 'Nothing is changed for anybody until it is: in_doubt = "freeze_all".'
    elif of_people:
        yield _who_is_frozen(scope, people.get(scope.system))
        yield "Nobody counts as gone; what the other rows state goes on." if scope.partial else "Nobody counts as gone; everybody else goes on."
    if not of_people or scope.system in targets:
        yield f"Nothing that depends on it is changed{f' in {scope.system}' if of_people else ''}."


def _who_is_frozen(scope: ReadScope, waiting: Waiting | None) -> str:
    held = "whom an earlier read held and this one does not show" if scope.partial else "whom its last good read held"
    if waiting is None:
        return f"Nobody is frozen by it: there is no person {held}."
    return f"Frozen: {number_of(waiting.people, 'person', 'people')} {held}{_who(waiting)}."


def awaited(source: str, cause: WaitCause) -> str:
    """What one person waits for, in a sentence about them."""
    match cause:
        case WaitCause.UNTRUSTED:
            return f"Waits for {source}, which could not be trusted: its last good read holds them, so everything stays as it is."
        case WaitCause.UNSEEN:
            return f"Waits for {source}: it does not show them now, and one of its rows that name nobody may be theirs, so everything stays as it is."
        case WaitCause.ROW:
            return f"Waits for a row of {source} that cannot be used, so everything stays as it is."
        case _:
            assert_never(cause)

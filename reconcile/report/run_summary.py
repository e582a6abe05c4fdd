"""Summarizes a run for a log or a mail: leavers who still have access, then one line, then each failure by name.

Leavers come first: their access has to be ended by hand where the run could not end it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from reconcile.plan.impact import number_of
from reconcile.plan.model import ENDING, Finding, FindingKind, Operation, Outcome, OutcomeKind, Plan, Run, Severity, Verb
from reconcile.plan.server_answer import ServerAnswer
from reconcile.report.ended import with_outcomes
from reconcile.report.formats.text import summary_line
from reconcile.report.labels import NO_OUTCOME, outcome_word, with_answer
from reconcile.report.summary import incomplete_scopes, refusals
from reconcile.visible import visible

NAMED = 12
"""Number of people or rows that are named before the others are counted."""

_KEPT = {
    FindingKind.ACCESS_KEPT: "no step that ends it, see the findings",
    FindingKind.REJECTED: "a reviewer rejected it",
    FindingKind.HELD: "on hold",
}
"""Reasons why an account is not ended though it should be, by the kind of a finding for attention: of rejected and held rows only those of an end are."""

_NO_SUCCESS = (OutcomeKind.FAILED, OutcomeKind.UNKNOWN, OutcomeKind.MOVED, OutcomeKind.HELD)
"""In the order in which they are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StillActive:
    """An account that should be ended and is not."""

    who: str
    target: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An operation that did not succeed."""

    operation: str
    verb: str
    who: str
    target: str
    outcome: str
    detail: str
    answer: ServerAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """The facts of one run, the same for the text and for programs."""

    at: str
    """RFC 3339, UTC."""
    still_active: tuple[StillActive, ...]
    frozen_leavers: tuple[str, ...]
    """Sentences about leavers who are frozen, by what they wait for."""
    failures: tuple[Failure, ...]
    by_hand: tuple[str, ...]
    """Sentences about the apps in which a person must end the accounts of leavers."""
    not_read: tuple[str, ...]
    """Incomplete reads, with the reason."""


def summarize(plan: Plan, run: Run | None, *, at: str) -> RunSummary:
    """The facts of a run that ended; `run` is none where nothing was applied."""
    return RunSummary(
        at=at,
        still_active=tuple(_still_active(plan, run)),
        frozen_leavers=tuple(_frozen_leavers(plan)),
        failures=tuple(_failures(plan, run)),
        by_hand=tuple(f"{each.target}: {each.message}" for each in plan.findings if each.kind is FindingKind.BY_HAND),
        not_read=tuple(f"{each.system}: {each.scope}: {each.reason}" for each in incomplete_scopes(plan)),
    )


def run_line(summary: RunSummary, plan: Plan, run: Run | None) -> str:
    """The one line of a run: when, leavers who still have access, what was planned and how it stands."""
    access = _access(summary)
    return f"{summary.at}: {f'{access}; ' if access else ''}{summary_line(plan, run)}"


def failure_lines(summary: RunSummary) -> list[str]:
    """Each failure by name, those about leavers first; of many the first ones and how many more there are."""
    lines = [
        f"{each.outcome.upper()}  {each.verb} {visible(each.who)}, {visible(each.target)}{f': {visible(with_answer(each.detail, each.answer))}' if each.detail else ''}"
        for each in summary.failures[:NAMED]
    ]
    return [*lines, *_more(len(summary.failures))]


def hand_lines(summary: RunSummary) -> list[str]:
    """Each leaver who has accounts in apps that nothing ends there; of many the first ones and how many more there are."""
    lines = [f"BY HAND  {visible(sentence)}" for sentence in summary.by_hand[:NAMED]]
    return [*lines, *_more(len(summary.by_hand))]


def document(summary: RunSummary) -> Mapping[str, object]:
    """The same for programs, whole."""
    return asdict(summary)


def _access(summary: RunSummary) -> str:
    named = [f"{visible(each.who)} in {visible(each.target)} ({visible(each.why)})" for each in summary.still_active[:NAMED]]
    parts = [", ".join([*named, *_more(len(summary.still_active))])] if named else []
    parts += [visible(sentence) for sentence in summary.frozen_leavers]
    return f"still have access: {'; '.join(parts)}" if parts else ""


def _more(count: int) -> list[str]:
    return [f"and {count - NAMED:,} more"] if count > NAMED else []


def _still_active(plan: Plan, run: Run | None) -> Iterable[StillActive]:
    for operation, outcome in with_outcomes(filter(_ends_access, plan.operations), run):
        if why := _why_not(plan, run, outcome):
            yield StillActive(who=_name(operation), target=operation.target, why=why)
    for finding in plan.findings:
        if finding.kind in _KEPT and finding.severity is Severity.ATTENTION:
            yield StillActive(who=finding.who or finding.account_id or finding.anchor, target=finding.target, why=_why_kept(finding))


def _why_kept(finding: Finding) -> str:
    """Returns why an account is not ended. A finding about access that names none is about a person of whom no account is known as theirs."""
    unsure = finding.kind is FindingKind.ACCESS_KEPT and not finding.account_id
    return "perhaps: which account is theirs is in question, see the findings" if unsure else _KEPT[finding.kind]


def _ends_access(operation: Operation) -> bool:
    return operation.verb in ENDING and operation.verb is not Verb.DELETE


def _why_not(plan: Plan, run: Run | None, outcome: Outcome | None) -> str:
    """Returns why an operation was not carried out; empty where it was."""
    if outcome is not None:
        return outcome_word(outcome.kind) if outcome.kind in (*_NO_SUCCESS, OutcomeKind.NOT_APPROVED) else ""
    if refused := refusals(plan):
        return f"refused by {', '.join(each.guard for each in refused)}"
    return NO_OUTCOME if run is not None and run.live else "waits for review"


def _frozen_leavers(plan: Plan) -> Iterable[str]:
    for each in plan.waiting:
        if each.leavers:
            named = each.sample[: each.leavers]
            more = f" and {each.leavers - len(named):,} more" if each.leavers > len(named) else ""
            yield f"{', '.join(named)}{more} ({number_of(each.leavers, 'leaver waits', 'leavers wait')} for {each.subject})"


def _failures(plan: Plan, run: Run | None) -> Sequence[Failure]:
    every = with_outcomes(plan.operations, run) if run else ()
    found = [(each, outcome) for each, outcome in every if outcome and outcome.kind in _NO_SUCCESS]
    found.sort(key=lambda pair: (not _ends_access(pair[0]), _NO_SUCCESS.index(pair[1].kind)))
    return [
        Failure(
            operation=each.id,
            verb=each.verb.value,
            who=_name(each),
            target=each.target,
            outcome=outcome_word(outcome.kind),
            detail=outcome.detail,
            answer=outcome.answer,
        )
        for each, outcome in found
    ]


def _name(operation: Operation) -> str:
    """The login, else what else there is; as it is, to be made visible where it is printed."""
    known = operation.who or operation.account_id or operation.anchor or operation.entitlement
    return f"{known} ({operation.entitlement})" if operation.entitlement and known != operation.entitlement else known

"""A plan or a run as Markdown, for a pull request or a chat: how it stands, guards, risky rows, findings, then a sample of the changes.

Its length is bounded, since GitHub takes no comment of more than 65,536 characters. What is left out is counted, with the command that shows
it. Text from outside is shown as `markdown_text` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from reconcile.decide.approval import IRREVERSIBLE
from reconcile.plan.digest import SHOWN
from reconcile.plan.impact import number_of
from reconcile.plan.model import Operation, Outcome, Plan, Run, Verb
from reconcile.plan.operation_overview import people
from reconcile.plan.operation_rows import for_text, queryable
from reconcile.report.drawn_rows import drawn_rows
from reconcile.report.ended import ended_counts, outcomes_of, trouble_count, troubles, with_outcomes
from reconcile.report.labels import (
    FINDING_HEADINGS,
    approval_words,
    cause_words,
    ended_words,
    forecast_words,
    outcome_word,
    override_words,
    run_words,
    verb_heading,
    with_answer,
)
from reconcile.report.markdown_text import code, sentence
from reconcile.report.status import status
from reconcile.report.summary import (
    FindingGroup,
    Group,
    finding_groups,
    groups,
    incomplete_scopes,
    overridden,
    refusals,
    short,
)
from reconcile.report.values import changes, entitlement

LONGEST = 60_000
"""Characters of the whole document, at most."""
LISTED = 12
"""Entries of a list, at most; of changes one by one, as many as ROWS among all groups."""
ROWS = 60
CHANGES_SHOWN = 4
SENTENCE = 700
"""Characters of a finding, at most: its way out stands at the end."""
MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)
"""Verbs that say themselves what changes."""


def lines(plan: Plan, run: Run | None = None) -> Iterator[str]:
    """Yields the document line by line, each with its line feed."""
    plan, run = for_text(plan), run if run and run.live else None
    found = groups(plan)
    parts = (
        _counts(plan, run, found),
        _guards(plan),
        _unread(plan),
        _risks(plan, run, found),
        _causes(plan),
        _findings(plan),
        _changes(plan, run, found),
    )
    end = "".join(_end(plan, run))
    written = len(end)
    for line in chain(_head(plan, run), *parts):
        written += len(line) + 1
        if written > LONGEST - 200:
            yield f"\n**Cut here**: {LONGEST:,} characters are the limit of this form.\n"
            break
        yield f"{line}\n"
    yield end


def _head(plan: Plan, run: Run | None) -> Iterator[str]:
    named = f"plan {code(short(plan.digest))} for {code(plan.run_date)}"
    yield f"# Run {code(run.id)} of {named}" if run else f"# P{named[1:]}"
    stands = status(plan, run)
    mark = {"bad": "❌", "warn": "⚠️", "good": "✅"}[stands.tone]
    yield from (
        "",
        f"{mark} **{stands.sentence}**"
        if sentence(stands.sentence, 2_000) == stands.sentence
        else f"{mark} {code(stands.sentence, 2_000)}",
    )
    if run:
        yield from ("", sentence(run_words(run)))
    yield from (line for each in plan.approvals for line in ("", code(approval_words(each))))


def _counts(plan: Plan, run: Run | None, found: Sequence[Group]) -> Iterator[str]:
    if not found:
        return
    tally = ended_counts(plan, run)
    yield from ("", f"| Target | Operation | {'Done' if run else 'Count'} | Accounts | Of all |", "|---|---|--:|--:|--:|")
    for group in found:
        counted = ended_words(group.size.operations, tally.get((group.target, group.verb), {}))
        yield f"| {code(group.target)} | {verb_heading(group.verb, run)} | {counted} | {group.size.accounts:,} | {group.size.percent} |"
    if plan.forecasts and run is None:
        yield from _listed("## Forecast of an apply", [f"{code(each.target)}: {sentence(forecast_words(each))}" for each in plan.forecasts])


def _guards(plan: Plan) -> Iterator[str]:
    if not plan.verdicts:
        return
    entries = [f"❌ {code(each.guard)} refuses: {sentence(each.message)}" for each in refusals(plan)]
    for each, override in overridden(plan):
        entries.append(f"⚠️ {code(each.guard)} {sentence(override_words(override))} ({code(override.why)}): {sentence(each.message)}")
    yield from ("", "## Guards", "", f"{sum(each.passed for each in plan.verdicts):,} of {number_of(len(plan.verdicts), 'guard')} passed.")
    yield from _list(entries, len(entries))


def _unread(plan: Plan) -> Iterator[str]:
    scopes = incomplete_scopes(plan)
    entries = [f"{code(each.system)}, {code(each.scope)}: {sentence(each.reason or 'no reason given')}" for each in scopes]
    yield from _listed("## Not read completely", entries)


def _risks(plan: Plan, run: Run | None, found: Sequence[Group]) -> Iterator[str]:
    overview = queryable(plan.operations).overview()
    yield from _listed("## Needs attention", [_row(*each) for each in troubles(plan, run, LISTED)], trouble_count(run))
    lasting = [(group.size.operations, overview.unusual_first(group.target, group.verb)) for group in found if group.verb in IRREVERSIBLE]
    some = chain.from_iterable(islice(found, LISTED) for _, found in lasting)
    rows = [_row(*each) for each in with_outcomes(some, run)]
    yield from _listed("## Irreversible", rows, sum(count for count, _ in lasting))
    privileged = [_row(*each) for each in with_outcomes(islice(overview.privileged(), LISTED), run)]
    yield from _listed("## Privileged access", privileged, sum(count for each, count in overview.classes().items() if each.privileged))
    first = overview.first_ended(LISTED)
    ended = outcomes_of(run, first)
    leavers = [_leaver(person, ended) for person in people(first)]
    title = "People whose accounts were to end" if run else "People who lose an account"
    yield from _listed(f"## {title}", leavers, overview.people_ended())


def _leaver(person: Sequence[Operation], ended: Mapping[str, Outcome]) -> str:
    places = ", ".join(f"{code(each.target)}{_outcome(ended.get(each.id))}" for each in person)
    return f"{_named(person[0])} in {places}: {sentence(person[0].because.detail)}"


def _causes(plan: Plan) -> Iterator[str]:
    yield from _listed(
        "## Common causes",
        [f"{code(each.target)}, {each.verb.value.replace('_', ' ')}: {sentence(cause_words(each))}" for each in plan.causes],
    )


def _findings(plan: Plan) -> Iterator[str]:
    found = finding_groups(plan)
    if found:
        yield from ("", f"## Findings: {len(plan.findings):,}")
    for group in found:
        yield from _finding_group(group)


def _finding_group(group: FindingGroup) -> Iterator[str]:
    heading = FINDING_HEADINGS[group.kind]
    alike = [
        f"{len(each.cases):,} alike: {sentence(each.pattern, SENTENCE)}{_among([case.who for case in each.cases if case.who])}"
        for each in group.alike
    ]
    own = [
        f"{_places(places)}{f'{code(case.who)}: ' if case.who and case.who not in message else ''}{sentence(message, SENTENCE)}"
        for case in group.cases
        for message, places in case.messages.items()
    ]
    yield from ("", f"### {heading.title} (`{group.kind.value}`): {group.findings:,}", "", heading.meaning)
    yield from _list([*alike, *own][:LISTED], len(alike) + len(own))


def _places(targets: Iterable[str]) -> str:
    named = ", ".join(code(each) for each in dict.fromkeys(targets) if each)
    return f"{named}: " if named else ""


def _among(names: Sequence[str]) -> str:
    return f" Among them {', '.join(map(code, names[:3]))}." if names else ""


def _changes(plan: Plan, run: Run | None, found: Sequence[Group]) -> Iterator[str]:
    rows = drawn_rows(plan, found, ROWS)
    if found:
        yield from ("", "## Changes")
    for group in found:
        drawn = [each for each in rows[group.target, group.verb] if each.verb is group.verb]
        title = f"### {verb_heading(group.verb, run)} in {code(group.target)}"
        yield from _listed(title, [_change(*each) for each in with_outcomes(drawn, run)], group.listed, ROWS)


def _change(operation: Operation, outcome: Outcome | None) -> str:
    shown = [] if operation.verb in MEMBERSHIPS else list(changes(operation))
    values = [
        f"{f'{code(each.label)}: {code(each.before.plain)} →' if each.before else f'{code(each.label)}:'} {code(each.after.plain)}"
        for each in shown[:CHANGES_SHOWN]
    ]
    more = [f"and {len(shown) - CHANGES_SHOWN:,} more"] if len(shown) > CHANGES_SHOWN else []
    why = f"Why: {sentence(operation.because.detail or operation.because.rule)}"
    return ". ".join(filter(None, (_row(operation, outcome), ", ".join([*values, *more]), why)))


def _row(operation: Operation, outcome: Outcome | None) -> str:
    about = f" {code(entitlement(operation))}" if operation.entitlement or operation.entitlement_id else ""
    return f"{code(operation.id)} {operation.verb.value.replace('_', ' ')} {_named(operation)}{about}{_outcome(outcome)}"


def _named(operation: Operation) -> str:
    known = operation.who or operation.account_id or operation.anchor or operation.entitlement or "unnamed account"
    return code(f"{known} ({operation.name})" if operation.name else known)


def _outcome(outcome: Outcome | None) -> str:
    """Returns how it ended, in brackets; empty where it was not tried."""
    if outcome is None:
        return ""
    said = with_answer(outcome.detail, outcome.answer)
    return f" (**{outcome_word(outcome.kind)}**{f': {sentence(said)}' if said else ''})"


def _listed(title: str, entries: Sequence[str], total: int = 0, most: int = LISTED) -> Iterator[str]:
    """A heading with its number and a list, which ends at `most` with how many more there are; nothing without entries."""
    total = max(total, len(entries))
    if total:
        yield from ("", f"{title}: {total:,}")
        yield from _list(entries[:most], total)


def _list(entries: Sequence[str], total: int) -> Iterator[str]:
    shown = entries[:ROWS]
    if total:
        yield ""
    yield from (f"- {entry}" for entry in shown)
    if total > len(shown):
        yield f"- … and {total - len(shown):,} more"


def _end(plan: Plan, run: Run | None) -> Iterable[str]:
    digest = plan.digest[:SHOWN]
    yield f"\n---\n\nEvery row: {code(f'reconcile show {digest} --all')}; as one page: {code(f'reconcile report {digest}')}."
    if run is None and plan.refused:
        yield f" If it is right all the same: {code(f'reconcile override GUARD --plan {digest} --by NAME --why REASON')}."
    elif run is None and plan.operations:
        approve = "" if plan.approvals else f"approve it: {code(f'reconcile approve {digest} --by NAME --why REASON')}; to "
        yield f" To {approve}apply it: {code(f'reconcile apply {digest} --live')}."
    yield "\n"

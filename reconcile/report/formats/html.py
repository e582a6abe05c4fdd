"""A plan or a run as one HTML file that needs nothing else, for a review of five minutes.

Its Content-Security-Policy allows the two inline blocks it came with, by their hashes, and nothing from anywhere (CSP level 3,
section 2.3.1), so that a value which escaped the escaping still could not run or load anything. Without scripts everything is
there; scripts only filter, and open what is folded.

Neither a browser nor this process can hold millions of rows: of a large plan the page draws the unusual operations of every target and
verb, and says how many others there are. Its counts are always of all operations.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from itertools import islice

from jinja2 import Environment, PackageLoader, StrictUndefined

from reconcile.plan.impact import Impact, number_of, of_all
from reconcile.plan.model import ENDING, GROUP_VERBS, LinkChange, Plan, Run, Situation, Verb
from reconcile.plan.operation_overview import OperationOverview, people
from reconcile.plan.operation_rows import queryable
from reconcile.plan.origin import ReadScope
from reconcile.report import labels, summary
from reconcile.report.drawn_rows import drawn_rows
from reconcile.report.redact import redacted
from reconcile.report.status import status
from reconcile.report.values import changes
from reconcile.visible import visible

FOLDED_AFTER = 6
"""Attributes of a new account that are shown before the others are folded away."""
NOTES_FOLDED_AFTER = 10
"""Findings of a kind that are folded away where none of them needs attention."""
RISKS_LISTED = 25
"""Rows of the section on risks; each of its lists links to the group that holds all of them."""
ROWS_DRAWN = 10_000
"""Operations that are drawn. A plan with no more is drawn whole."""
TABLE_DRAWN = 2_000
"""Rows that are drawn of any other table."""


def page(plan: Plan, run: Run | None = None, *, redact: bool = False, most: int = ROWS_DRAWN) -> str:
    """The report as an HTML document that draws at most so many operations. With `redact`, personal values are replaced by short hashes (see
    `redact.redacted`).
    """
    if redact:
        plan, run = redacted(plan, run)
    plan = replace(plan, findings=tuple(plan.findings))
    template = _environment().get_template("page.html.j2")
    groups, overview, targets = summary.groups(plan), queryable(plan.operations).overview(), summary.targets(plan)
    rows = drawn_rows(plan, groups, most)
    drawn = frozenset(each.id for found in rows.values() for each in found)
    return template.render(
        plan=plan,
        run=run,
        redact=redact,
        status=status(plan, run),
        groups=groups,
        rows_by_place=rows,
        is_drawn=_is_drawn(plan, drawn),
        left_out=len(plan.operations) - len(drawn),
        own_drawn={place: sum(each.verb is place[1] for each in found) for place, found in rows.items()},
        groups_by_place={(group.target, group.verb): group for group in groups},
        census_of={census.target: census for census in plan.census},
        finding_groups=summary.finding_groups(plan),
        outcomes=summary.outcomes(run),
        incomplete=summary.incomplete_scopes(plan),
        refusals=summary.refusals(plan),
        overridden=summary.overridden(plan),
        privileged=list(islice(overview.privileged(), RISKS_LISTED)),
        privileged_count=sum(count for each, count in overview.classes().items() if each.privileged),
        leavers=people(overview.first_ended(RISKS_LISTED)),
        people_ended=overview.people_ended(),
        accounts_ended=sum(group.size.operations for group in groups if group.verb in ENDING),
        ending=summary.ending(plan),
        links=_first_links(plan, targets),
        links_of=Counter(link.target for link in plan.links),
        planned_verbs=[verb for verb in Verb if any(group.verb is verb for group in groups)],
        met=_met(overview),
        troubles=summary.troubles(plan, run),
        systems=_systems(plan),
        targets=targets,
    )


def _is_drawn(plan: Plan, drawn: Collection[str]) -> Callable[[str], bool]:
    """Whether an operation has a row that can be linked to."""
    return lambda id_: len(drawn) == len(plan.operations) or id_ in drawn


def _first_links(plan: Plan, targets: Sequence[str]) -> list[tuple[str, list[LinkChange]]]:
    """The links that are drawn, by target."""
    found: dict[str, list[LinkChange]] = {target: [] for target in targets}
    for link in plan.links:
        if len(found[link.target]) < TABLE_DRAWN:
            found[link.target].append(link)
    return list(found.items())


def _met(overview: OperationOverview) -> list[Situation]:
    """The situations of operations."""
    met = {each.situation for each in overview.classes()}
    return [situation for situation in Situation if situation.value in met]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reconcile", "report/formats"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.globals.update(
        Verb=Verb,
        GROUP_VERBS=GROUP_VERBS,
        Situation=Situation,
        VERB_HEADINGS=labels.VERB_HEADINGS,
        FINDING_HEADINGS=labels.FINDING_HEADINGS,
        FOLDED_AFTER=FOLDED_AFTER,
        NOTES_FOLDED_AFTER=NOTES_FOLDED_AFTER,
        RISKS_LISTED=RISKS_LISTED,
        TABLE_DRAWN=TABLE_DRAWN,
        changes=lambda operation: list(changes(operation)),
        is_trouble=labels.is_trouble,
        is_urgent=summary.is_urgent,
        number_of=number_of,
        of_all=of_all,
        findings_count=labels.findings_count,
        links_count=labels.links_count,
        size_of=lambda verdict: Impact(verdict.count, verdict.accounts, verdict.population),
        SITUATION_MEANINGS=labels.SITUATION_MEANINGS,
        outcome_word=labels.outcome_word,
        with_answer=labels.with_answer,
        approval_words=labels.approval_words,
        override_words=labels.override_words,
        cause_words=labels.cause_words,
        forecast_words=labels.forecast_words,
        short=summary.short,
        csp_hash=lambda name: _csp_hash(environment, name),
    )
    return environment


def _csp_hash(environment: Environment, name: str) -> str:
    """What the policy names an inline block by; an included file is rendered as it is here."""
    text = environment.get_template(name).render()
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _systems(plan: Plan) -> list[tuple[str, str, list[ReadScope]]]:
    """Every system that was read or named in the plan, with the digest of its snapshot and the scopes of it."""
    scopes: dict[str, list[ReadScope]] = defaultdict(list)
    for scope in plan.scopes:
        scopes[scope.system].append(scope)
    return [(system, plan.snapshots.get(system, ""), scopes[system]) for system in sorted({*plan.snapshots, *scopes})]

"""A plan or a run as one HTML file that needs nothing else, for a review of five minutes.

Its Content-Security-Policy allows the two inline blocks it came with, by their hashes, and nothing from anywhere (CSP level 3,
section 2.3.1), so that a value which escaped the escaping still could not run or load anything. Without scripts everything is
there; scripts only filter, and open what is folded.
"""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from functools import cache
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined

from reconcile.plan.impact import Impact, number_of, of_all
from reconcile.plan.model import Plan, ReadScope, Run, Situation, Verb
from reconcile.plan.operation_overview import people
from reconcile.plan.operation_rows import in_memory
from reconcile.report import labels, summary
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


def page(plan: Plan, run: Run | None = None, *, redact: bool = False) -> str:
    """The report as an HTML document. With `redact`, personal values are replaced by short hashes (see `redact.redacted`)."""
    if redact:
        plan, run = redacted(plan, run)
    plan = in_memory(plan)
    template = _environment().get_template("page.html.j2")
    groups = summary.groups(plan)
    return template.render(
        plan=plan,
        run=run,
        redact=redact,
        status=status(plan, run),
        groups=groups,
        rows_by_place=summary.rows_by_place(plan),
        groups_by_place={(group.target, group.verb): group for group in groups},
        census_of={census.target: census for census in plan.census},
        finding_groups=summary.finding_groups(plan),
        outcomes=summary.outcomes(run),
        incomplete=summary.incomplete_scopes(plan),
        refusals=summary.refusals(plan),
        overridden=summary.overridden(plan),
        privileged=summary.privileged(plan),
        leavers=people(summary.leavers(plan)),
        ending=summary.ending(plan),
        links=[(target, [link for link in plan.links if link.target == target]) for target in summary.targets(plan)],
        planned_verbs=[verb for verb in Verb if any(group.verb is verb for group in groups)],
        met=[situation for situation in Situation if any(each.because.situation is situation for each in plan.operations)],
        troubles=summary.troubles(plan, run),
        systems=_systems(plan),
        targets=summary.targets(plan),
    )


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
        Situation=Situation,
        VERB_HEADINGS=labels.VERB_HEADINGS,
        FINDING_HEADINGS=labels.FINDING_HEADINGS,
        FOLDED_AFTER=FOLDED_AFTER,
        NOTES_FOLDED_AFTER=NOTES_FOLDED_AFTER,
        RISKS_LISTED=RISKS_LISTED,
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
        override_words=labels.override_words,
        cause_words=labels.cause_words,
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

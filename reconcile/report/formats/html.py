"""A plan or a run as one HTML file that needs nothing else, for a review of five minutes.

Its Content-Security-Policy allows the two inline blocks it came with, by their hashes, and nothing from anywhere (CSP level 3,
section 2.3.1), so that a value which escaped the escaping still could not run or load anything.

A browser holds thousands of table rows slowly and millions not at all: the rows are embedded as data, and the script draws a hundred at a
time. Without scripts the page has its summary and the first rows. Of a larger plan than `ROWS_EMBEDDED` the page has the unusual
operations of every target and verb, and says how many others there are. Its counts are always of all operations.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from itertools import chain, islice

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reconcile.decide.approval import IRREVERSIBLE
from reconcile.plan.impact import Impact, number_of, of_all
from reconcile.plan.model import ENDING, GROUP_VERBS, Finding, LinkChange, Operation, Plan, Run, Situation, Verb
from reconcile.plan.operation_overview import OperationOverview, people
from reconcile.plan.operation_rows import queryable
from reconcile.plan.origin import ReadScope
from reconcile.plan.usual import Size
from reconcile.report import labels, page_sizes, summary
from reconcile.report.drawn_rows import Place, drawn_rows
from reconcile.report.ended import outcomes_of, trouble_count, troubles
from reconcile.report.guard_limits import Margin, margin_of
from reconcile.report.next_commands import next_commands
from reconcile.report.page_data import PageData
from reconcile.report.page_facts import NO_FACTS, PageFacts
from reconcile.report.redact import redacted, redacted_departments
from reconcile.report.status import status
from reconcile.report.title import plan_title
from reconcile.report.values import changes
from reconcile.visible import visible

NOTES_FOLDED_AFTER = 10
"""Findings of a kind that are folded away where none of them needs attention."""
RISKS_LISTED = 25
"""Rows of the section on risks; the others are among the rows below."""
FINDINGS_LISTED = 25
"""Cases of a kind of finding that are listed; the others are among the rows below."""
ROWS_EMBEDDED = 50_000
"""Operations that are embedded. A plan with no more is embedded whole."""
FINDINGS_EMBEDDED = 10_000
DATA_BYTES = 9_500_000
"""Size of the embedded data. Where long values would make it larger, fewer operations and findings are embedded."""
FIRST_ROWS = 200
"""Operations that a reader without scripts sees."""
TABLE_DRAWN = 500
"""Rows that are drawn of the tables of links and of scopes."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a page."""

    operations: Mapping[Place, Sequence[Operation]]
    findings: Sequence[Finding]
    """Findings, those for attention first."""

    def each(self) -> Iterator[Operation]:
        return chain.from_iterable(self.operations.values())


def page(plan: Plan, run: Run | None = None, *, redact: bytes = b"", most: int = ROWS_EMBEDDED, facts: PageFacts = NO_FACTS) -> str:
    """The report as an HTML document that embeds at most so many operations. With a key as `redact`, personal values are replaced by short hashes (see
    `redact.redacted`).
    """
    if redact:
        facts = replace(facts, departments=redacted_departments(redact, facts.departments))
        plan, run = redacted(plan, redact, run)
    plan = replace(plan, findings=tuple(plan.findings))
    groups, targets = summary.groups(plan), summary.targets(plan)
    sizes = page_sizes.sizes_of(groups, facts.usual)
    unusual = [each for each in sizes if facts.usual.is_unusual(each)]
    live = run is not None and run.live
    rows, data = _embedded(plan, run, groups, (most, FINDINGS_EMBEDDED), PageData(facts.departments), unusual)
    first = list(islice(rows.each(), FIRST_ROWS))
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            plan=plan,
            run=run,
            live=live,
            redact=redact,
            facts=facts,
            status=status(plan, run),
            groups=groups,
            groups_by_place={(group.target, group.verb): group for group in groups},
            targets=targets,
            unusual=unusual,
            sizes=page_sizes.bars(sizes, facts.usual),
            margins=_margins(plan, facts, targets),
            departments=page_sizes.department_bars(rows.each(), facts.departments),
            decidable=run is None and len(plan.operations) > 0,
            # Escaped for a script element by `PageData`; the escapes of HTML mean nothing there.
            data=Markup(data),  # noqa: S704
            first_rows=first,
            outcomes=outcomes_of(run, first),
            findings_left_out=len(plan.findings) - len(rows.findings),
            **_drawn(plan, rows),
            **_heading(plan, facts),
            **_risks(plan, run, groups, sizes),
            **_tables(plan, targets),
            **_of_run(plan, run),
        )
    )


def _risky_first(rows: Mapping[Place, Sequence[Operation]]) -> Mapping[Place, Sequence[Operation]]:
    """The places in the order of their risk: what cannot be undone, then what ends accounts."""
    return dict(sorted(rows.items(), key=lambda item: (item[0][1] not in IRREVERSIBLE, item[0][1] not in ENDING)))


def _embedded(  # noqa: PLR0913, PLR0917 - one thing that is known a parameter
    plan: Plan, run: Run | None, groups: Sequence[summary.Group], most: tuple[int, int], data: PageData, unusual: Sequence[Size]
) -> tuple[_Rows, str]:
    """The rows of a page, and their data: no more operations and findings than `most`, and no more bytes than `DATA_BYTES`."""
    found = sorted(plan.findings, key=lambda each: not summary.is_urgent(each))
    rows = _Rows(_risky_first(drawn_rows(plan, groups, most[0])), found[: most[1]])
    text = _data(rows, run, data, unusual)
    size, count = len(text.encode()), sum(map(len, rows.operations.values()))
    if size <= DATA_BYTES or count + len(rows.findings) <= 1:
        return rows, text
    share = min(0.9, 0.95 * DATA_BYTES / size)
    return _embedded(plan, run, groups, (int(count * share), int(len(rows.findings) * share)), data.empty(), unusual)


def _data(rows: _Rows, run: Run | None, data: PageData, unusual: Sequence[Size]) -> str:
    ended, more = outcomes_of(run, rows.each()), {(each.target, each.verb) for each in unusual}
    for place, operations in rows.operations.items():
        data.add_operations(operations, place[1], unusual=place in more, ended=ended)
    for finding in rows.findings:
        data.add_finding(finding)
    return data.document()


def _drawn(plan: Plan, rows: _Rows) -> Mapping[str, object]:
    drawn = frozenset(each.id for each in rows.each())
    return {"is_drawn": _is_drawn(plan, drawn), "left_out": len(plan.operations) - len(drawn)}


def _is_drawn(plan: Plan, drawn: Collection[str]) -> Callable[[str], bool]:
    """Whether an operation has a row that can be linked to."""
    return lambda id_: len(drawn) == len(plan.operations) or id_ in drawn


def _heading(plan: Plan, facts: PageFacts) -> Mapping[str, object]:
    """The title: the project and the systems that the plan is for, and its clock."""
    orgs = [
        f"{name} ({each.address.rpartition('://')[2].rstrip('/')})" for name, each in sorted(plan.systems.items()) if "://" in each.address
    ]
    place = " · ".join(map(visible, [*([facts.project] if facts.project else []), *([", ".join(orgs)] if orgs else [])]))
    called = visible(plan_title(plan))
    title = ": ".join(filter(None, (visible(facts.project), called, f"Plan {summary.short(plan.digest)} for {visible(plan.run_date)}")))
    return {"place": place, "called": called, "title": title, "systems": _systems(plan)}


def _risks(plan: Plan, run: Run | None, groups: Sequence[summary.Group], sizes: Sequence[Size]) -> Mapping[str, object]:
    """The values of the sections on what to look at first, findings and guards."""
    overview = queryable(plan.operations).overview()
    return {
        "finding_groups": summary.finding_groups(plan),
        "incomplete": summary.incomplete_scopes(plan),
        "refusals": summary.refusals(plan),
        "overridden": summary.overridden(plan),
        "guards": sorted(plan.verdicts, key=lambda each: (not each.refuses, each.passed)),
        "irreversible": [each for each in sizes if each.verb in IRREVERSIBLE],
        "privileged": list(islice(overview.privileged(), RISKS_LISTED)),
        "privileged_count": sum(count for each, count in overview.classes().items() if each.privileged),
        "leavers": people(overview.first_ended(RISKS_LISTED)),
        "people_losing": overview.people_ended(),
        "accounts_ended": sum(group.size.operations for group in groups if group.verb in ENDING),
        "ending": summary.ending(plan),
        "troubles": troubles(plan, run, RISKS_LISTED),
        "trouble_count": trouble_count(run),
        "met": _met(overview),
        "next_commands": [(what, f"reconcile {words}") for what, words in next_commands(plan, run)],
    }


def _margins(plan: Plan, facts: PageFacts, targets: Sequence[str]) -> Mapping[str, Margin | None]:
    """The margin of each guard, by its name; empty where the limits are unknown."""
    guards = facts.guards
    return {each.guard: margin_of(each, guards, targets) for each in plan.verdicts} if guards else {}


def _tables(plan: Plan, targets: Sequence[str]) -> Mapping[str, object]:
    met = {verb for _, verb in queryable(plan.operations).sizes()}
    return {
        "census_of": {census.target: census for census in plan.census},
        "links": _first_links(plan, targets),
        "links_of": Counter(link.target for link in plan.links),
        "planned_verbs": [verb for verb in Verb if verb in met],
    }


def _of_run(plan: Plan, run: Run | None) -> Mapping[str, object]:
    live = run if run and run.live else None
    return {"run_counts": page_sizes.run_counts(plan, live) if live else {}, "run_time": labels.run_words(live) if live else ""}


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
        VERB_DONE=labels.VERB_DONE,
        FINDING_HEADINGS=labels.FINDING_HEADINGS,
        FINDINGS_LISTED=FINDINGS_LISTED,
        NOTES_FOLDED_AFTER=NOTES_FOLDED_AFTER,
        RISKS_LISTED=RISKS_LISTED,
        TABLE_DRAWN=TABLE_DRAWN,
        changes=lambda operation: list(changes(operation)),
        login=summary.login,
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
    """Names an inline block for the policy; an included file is rendered as it is here."""
    text = environment.get_template(name).render()
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _systems(plan: Plan) -> list[tuple[str, str, list[ReadScope]]]:
    """Every system that was read or named in the plan, with the digest of its snapshot and the scopes of it."""
    scopes: dict[str, list[ReadScope]] = defaultdict(list)
    for scope in plan.scopes:
        scopes[scope.system].append(scope)
    return [(system, plan.snapshots.get(system, ""), scopes[system]) for system in sorted({*plan.snapshots, *scopes})]

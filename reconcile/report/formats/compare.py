"""The effect of an edit of the mappings alone, as text for a terminal and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice

from reconcile.plan.compare import Comparison
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, Operation, Plan
from reconcile.plan.rows import Rows
from reconcile.report.formats.json import FORMAT, members
from reconcile.report.formats.text import LONGEST_LIST, brief, gist, link_line
from reconcile.report.status import status
from reconcile.report.summary import short
from reconcile.visible import visible

HERE, THERE = "with the mappings here", "with the mappings there"


def show(comparison: Comparison, other: str, *, width: int) -> str:
    """The difference for a terminal of this width. Long lists are cut; the JSON form holds all of it."""
    return "".join(f"{line}\n" for line in (*_head(comparison, visible(other)), *(_cut(line, width) for line in _causes(comparison))))


def parts(comparison: Comparison) -> Iterator[str]:
    """The difference as the text of one JSON object that ends with a line feed. Each operation is a part of its own."""
    found = comparison.operations
    return members(
        {
            "format": FORMAT,
            "here": _plan(comparison.here),
            "there": _plan(comparison.there),
            "both": found.both,
            "only_here": map(asdict, found.only_here),
            "only_there": map(asdict, found.only_there),
            "different": ({"here": asdict(here), "there": asdict(there)} for here, there in found.different),
            "findings_only_here": [asdict(each) for each in comparison.findings_here],
            "findings_only_there": [asdict(each) for each in comparison.findings_there],
            "links_only_here": [asdict(each) for each in comparison.links_here],
            "links_only_there": [asdict(each) for each in comparison.links_there],
        }
    )


def _plan(plan: Plan) -> dict[str, object]:
    return {"digest": plan.digest, "mapping": plan.mapping, "refused": plan.refused, "operations": len(plan.operations)}


def _head(each: Comparison, other: str) -> Iterable[str]:
    yield f"Two plans of the same snapshots for {each.here.run_date}: here with this project's mappings, there with those of {other}."
    yield f"  here   {short(each.here.digest)}  {status(each.here).sentence}"
    yield f"  there  {short(each.there.digest)}  {status(each.there).sentence}"
    yield ""


def _causes(each: Comparison) -> Iterable[str]:
    yield f"Caused by the data: {number_of(each.operations.both, 'change')} that both plans have."
    if each.same:
        yield "Caused by the mappings: nothing. The two plans do the same."
        return
    yield "Caused by the mappings:"
    yield from _operations(f"Only {HERE}", each.operations.only_here)
    yield from _operations(f"Only {THERE}", each.operations.only_there)
    yield from _different(each.operations.different)
    yield from _said(f"Findings only {HERE}", [_finding(one) for one in each.findings_here])
    yield from _said(f"Findings only {THERE}", [_finding(one) for one in each.findings_there])
    yield from _said(f"Links only {HERE}", [link_line(one) for one in each.links_here])
    yield from _said(f"Links only {THERE}", [link_line(one) for one in each.links_there])


def _operations(title: str, operations: Rows[Operation]) -> Iterable[str]:
    if len(operations):
        tally = Counter((each.target, each.verb.value) for each in operations)
        counts = ", ".join(f"{visible(target)} {count:,} {verb}" for (target, verb), count in tally.items())
        yield from ("", f"{title}: {number_of(len(operations), 'change')} ({counts})")
        widest = max(len(verb) for _, verb in tally)
        yield from (f"  {each.verb.value:{widest}}  {brief(each)}" for each in islice(operations, LONGEST_LIST))
        yield from _rest(len(operations))


def _different(pairs: Rows[tuple[Operation, Operation]]) -> Iterable[str]:
    if len(pairs):
        yield from ("", f"Different here and there: {number_of(len(pairs), 'change')}")
        for here, there in islice(pairs, LONGEST_LIST):
            yield f"  {here.verb.value}  {brief(here)}"
            yield f"  {'there':>{len(here.verb.value)}}  {gist(there)}"
        yield from _rest(len(pairs))


def _said(title: str, sentences: Sequence[str]) -> Iterable[str]:
    if sentences:
        yield from ("", f"{title}: {len(sentences):,}")
        yield from _list(sentences)


def _finding(finding: Finding) -> str:
    return f"{finding.kind.value}: {f'{visible(finding.target)}: ' if finding.target else ''}{visible(finding.message)}"


def _list(lines: Sequence[str]) -> Iterable[str]:
    yield from (f"  {line}" for line in lines[:LONGEST_LIST])
    yield from _rest(len(lines))


def _rest(total: int) -> Iterable[str]:
    if total > LONGEST_LIST:
        yield f"  ... and {total - LONGEST_LIST:,} more (--json holds all)"


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"

"""Differences of immutable attributes: a finding for each person, or one for many who differ in the same way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.quoting import quoted
from reconcile.decide.differences import Difference, Subject
from reconcile.decide.fragment import TargetContext, named
from reconcile.forms import same_but_case
from reconcile.plan.model import Finding, FindingKind, Severity

MANY = 5
"""Fewer people than this are named one by one."""
SAMPLE = 3
"""Number of accounts that are named where there are more."""


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """The change of one attribute of all people whose domain changed in the same way."""

    attribute: str
    before: str
    after: str


def immutable_findings(view: TargetContext, differences: Iterable[Difference], subjects: Mapping[str, Subject]) -> tuple[Finding, ...]:
    """The findings about immutable attributes that differ. Nothing else about these people waits."""
    alike: dict[Pattern, list[Difference]] = defaultdict(list)
    single: list[Difference] = []
    for each in differences:
        pattern = pattern_of(each)
        if pattern is None:
            single.append(each)
        else:
            alike[pattern].append(each)
    many = {pattern: found for pattern, found in alike.items() if len(found) >= MANY}
    single += [each for pattern, found in alike.items() if pattern not in many for each in found]
    return (
        *(_finding(view, each, subjects[each.anchor]) for each in single),
        *(_finding_of_many(view, pattern, found, subjects) for pattern, found in sorted(many.items())),
    )


def pattern_of(each: Difference) -> Pattern | None:
    """The change of domain that makes the difference; None where it is another change."""
    held, at_held, old = (each.held or "").rpartition("@")
    wanted, at_wanted, new = each.wanted.rpartition("@")
    if not (at_held and at_wanted and held) or not same_but_case(held, wanted) or same_but_case(old, new):
        return None
    return Pattern(each.attribute, old.lower(), new.lower())


def _finding(view: TargetContext, each: Difference, subject: Subject) -> Finding:
    held = "is not set" if each.held is None else f"is {quoted(each.held)}"
    return Finding(
        kind=FindingKind.IMMUTABLE,
        severity=Severity.ATTENTION,
        target=view.name,
        anchor=each.anchor,
        account_id=each.account_id,
        who=subject.login,
        message=(
            f"{named(subject.name, each.anchor)}: {each.attribute} {held} and should be {quoted(each.wanted)}; it is immutable. "
            f"It stays as it is, and everything else about the account goes on. {_way_out(view, each.attribute)}"
        ),
    )


def _finding_of_many(view: TargetContext, pattern: Pattern, found: Sequence[Difference], subjects: Mapping[str, Subject]) -> Finding:
    first = sorted(found, key=lambda each: each.anchor)[:SAMPLE]
    sample = ", ".join(named(subjects[each.anchor].name, each.anchor) for each in first)
    return Finding(
        kind=FindingKind.IMMUTABLE,
        severity=Severity.ATTENTION,
        target=view.name,
        message=(
            f"{pattern.attribute} of {len(found):,} people should go from @{pattern.before} to @{pattern.after}: {sample} and "
            f"{len(found) - len(first):,} more; it is immutable. It stays as it is, and everything else about the accounts goes on. "
            f"{_way_out(view, pattern.attribute)}"
        ),
    )


def _way_out(view: TargetContext, attribute: str) -> str:
    if view.renames(attribute):
        return "`reconcile plan --renames` plans the change for review, and `reconcile apply PLAN --live` makes it."
    return f"Change {attribute} in the target by hand, or correct the source."

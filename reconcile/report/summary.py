"""Summarises a plan or a run in reading order: counts, risks, groups and their causes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from sys import intern
from typing import NamedTuple, assert_never

from reconcile.plan.impact import Impact, population_of, share_of_whole
from reconcile.plan.model import ENDING, Finding, FindingKind, Operation, Plan, Severity, Verb, Verdict
from reconcile.plan.operation_overview import ChangeClass, OperationClass, OperationOverview
from reconcile.plan.operation_rows import concerned, queryable
from reconcile.plan.origin import ReadScope
from reconcile.plan.override import Override
from reconcile.report.values import attribute_changes, entitlement
from reconcile.visible import visible

COMMON_CAUSES = 5
ALIKE = 5
"""From so many cases on that say the same, they are told as one."""
QUOTED = re.compile(r"""'(?:\\'(?=\w)|[^'])*'|"(?:\\"(?=\w)|[^"])*\"""")
"""A quote behind a backslash is inside a value only where the value goes on: `connectors.quoting` leaves backslashes as they are."""
PERSON = re.compile(r"(?:^|(?<= of )|(?<=: ))[^.;:()]*\(…\)")
"""A name before an anchor: `Anna Lee (0010001)`, of which the anchor was taken out already."""


class Cause(NamedTuple):
    """Cause that several operations of a group share."""

    text: str
    operations: int


class Group(NamedTuple):
    """One verb in one target."""

    target: str
    verb: Verb
    size: Impact
    """All operations of the verb, wherever they are shown."""
    listed: int
    """Number shown under the verb: the memberships that a leaver loses are shown with the leaver."""
    causes: Sequence[Cause]
    """Causes that many of them share, the commonest first; last the situations and rules."""
    one_rule: bool
    """Whether all operations of the verb are there for the same situation and rule."""


class Case(NamedTuple):
    """Findings about one person or account, in one target or in several."""

    who: str
    """A login, an id or an anchor; empty where it is about no person or account."""
    targets: Sequence[str]
    messages: Mapping[str, Sequence[str]]
    """Each different sentence, with the targets it holds in."""
    pattern: str
    """The sentences without what is only of this person."""


class Alike(NamedTuple):
    """Several cases of which the same is so."""

    pattern: str
    targets: Sequence[str]
    cases: Sequence[Case]


class FindingGroup(NamedTuple):
    """The findings of one kind, those that ask for attention first."""

    kind: FindingKind
    cases: Sequence[Case]
    """Cases that few others are like."""
    alike: Sequence[Alike]
    """The others, the most frequent first."""
    findings: int
    attention: int


def groups(plan: Plan) -> list[Group]:
    """The operations by target, then by verb in the order of `Verb`."""
    overview = queryable(plan.operations).overview()
    impacts = overview.impacts()
    classes: dict[tuple[str, Verb], dict[OperationClass, int]] = defaultdict(dict)
    for each, count in overview.classes().items():
        classes[each.target, each.verb][each] = count
    places = [(target, verb) for target in targets(plan) for verb in Verb if (target, verb) in impacts]
    return [_group(plan, overview, impacts[place], classes[place]) for place in places]


def sizes(plan: Plan) -> list[tuple[str, Verb, int]]:
    """Counts the operations by target, then by verb in the order of `Verb`."""
    found = queryable(plan.operations).sizes()
    return [(target, verb, found[target, verb]) for target in targets(plan) for verb in Verb if (target, verb) in found]


def targets(plan: Plan) -> list[str]:
    """Every target the plan counted, changes or remembers links of, by name."""
    return sorted({census.target for census in plan.census} | set(concerned(plan)))


def ending(plan: Plan) -> str:
    """Names the verbs that end those accounts: `deactivate`, `deactivate or suspend`."""
    met = {verb for _, verb in queryable(plan.operations).sizes() if verb in ENDING}
    return " or ".join(verb.value for verb in Verb if verb in met)


def finding_groups(plan: Plan) -> list[FindingGroup]:
    """The findings by kind: kinds that ask for attention first, else in the order of `FindingKind`."""
    held: dict[FindingKind, list[Finding]] = defaultdict(list)
    for finding in plan.findings:
        held[finding.kind].append(finding)
    found = [_finding_group(kind, held[kind]) for kind in FindingKind if kind in held]
    return sorted(found, key=lambda group: not group.attention)


def _finding_group(kind: FindingKind, findings: Sequence[Finding]) -> FindingGroup:
    held: dict[tuple[str, ...], list[Case]] = defaultdict(list)
    cases = _cases(sorted(findings, key=lambda finding: not is_urgent(finding)))
    for case in cases:
        held[case.pattern, *case.targets].append(case)
    common = {key: found for key, found in held.items() if len(found) >= ALIKE}
    return FindingGroup(
        kind=kind,
        cases=[case for case in cases if (case.pattern, *case.targets) not in common],
        alike=[Alike(key[0], key[1:], found) for key, found in sorted(common.items(), key=lambda item: (-len(item[1]), item[0]))],
        findings=len(findings),
        attention=sum(map(is_urgent, findings)),
    )


def is_urgent(finding: Finding) -> bool:
    """Whether the finding asks a reviewer to decide or repair something."""
    return finding.severity is Severity.ATTENTION


def refusals(plan: Plan) -> list[Verdict]:
    """Lists the guards that refuse the plan without an override."""
    return [verdict for verdict in plan.verdicts if verdict.refuses]


def overridden(plan: Plan) -> list[tuple[Verdict, Override]]:
    """Lists the guards that refused the plan and are overridden."""
    return [(verdict, verdict.override) for verdict in plan.verdicts if verdict.override is not None]


def incomplete_scopes(plan: Plan) -> list[ReadScope]:
    """Lists the scopes that were not read completely: nothing may be concluded from what is missing there."""
    return [scope for scope in plan.scopes if not scope.complete]


def short(digest: str) -> str:
    """Shortens a digest so that two plans are still told apart by eye; `no digest` where the plan was not sealed."""
    return digest[:12] or "no digest"


def who(operation: Operation) -> str:
    """`anna.lee@example.com (Anna Lee)`, or what else there is to name the account by."""
    return f"{login(operation)} ({visible(operation.name)})" if operation.name else login(operation)


def login(operation: Operation) -> str:
    """Returns the name of the account: its login, else another value; a group by its name."""
    return visible(operation.who or operation.account_id or operation.anchor or operation.entitlement or "unnamed account")


def _group(plan: Plan, overview: OperationOverview, impact: Impact, classes: Mapping[OperationClass, int]) -> Group:
    target, verb = next((each.target, each.verb) for each in classes)
    own = {each: count for each, count in classes.items() if not each.with_account}
    listed = sum(own.values())
    elsewhere = [Cause(f"with the accounts to {ending(plan)}", impact.operations - listed)] if listed < impact.operations else []
    return Group(
        target=target,
        verb=verb,
        size=_as_guarded(plan, target, verb, impact),
        listed=listed,
        causes=[*elsewhere, *_causes(target, verb, own, overview), *_common((_rule(each), count) for each, count in own.items())],
        one_rule=len(set(map(_rule, classes))) == 1,
    )


def _as_guarded(plan: Plan, target: str, verb: Verb, impact: Impact) -> Impact:
    """The impact as a share of what the guard of the verb judged it as; of the census where none did."""
    judged = (each.population for each in plan.verdicts if each.guard == f"{target}.{verb.value}")
    census = (population_of(each, verb) for each in plan.census if each.target == target)
    population = next(judged, 0) or next(census, 0)
    return share_of_whole(impact._replace(population=population)) if population else impact._replace(population=0)


def _cases(findings: Iterable[Finding]) -> list[Case]:
    """The findings by person, else by account, else each by itself."""
    held: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        person = finding.anchor or finding.who or finding.account_id
        # Each attribute is a problem of its own, which others share who have no other.
        alone = (finding.message,) if finding.kind is FindingKind.INVALID_VALUE else ()
        held[(person, *alone) if person else (finding.target, finding.message)].append(finding)
    # Each is let go as soon as its case is made: with a mistake in a mapping there are millions.
    return [_case(held.pop(key)) for key in list(held)]


def _case(findings: Sequence[Finding]) -> Case:
    first = findings[0]
    messages: dict[str, list[str]] = {}
    for finding in findings:
        messages.setdefault(finding.message, []).append(finding.target)
    # A person is not known by the id of one of several accounts.
    several = len({finding.account_id for finding in findings}) > 1
    known_as = (first.anchor, first.account_id) if several else (first.account_id, first.anchor)
    known_by = next(filter(None, (*(finding.who for finding in findings), *known_as)), "")
    places = tuple(dict.fromkeys(finding.target for finding in findings if finding.target))
    return Case(known_by, places, messages, intern(" ".join(dict.fromkeys(map(pattern, findings)))))


def pattern(finding: Finding) -> str:
    """Returns the message of a finding with an ellipsis for its subject and for every quoted value."""
    text = finding.message
    for name in filter(None, (finding.who, finding.account_id, finding.anchor)):
        text = _without_word(text, name)
    # Names go first: an apostrophe in one is no quotation mark.
    return QUOTED.sub("…", PERSON.sub("…", text))


def _without_word(text: str, word: str) -> str:
    """A text with an ellipsis for a word wherever it stands alone. No expression is compiled: the words of a million findings are all different."""
    kept: list[str] = []
    end, at = 0, text.find(word)
    while at >= 0:
        after = at + len(word)
        alone = not _in_word(text[at - 1 : at]) and not _in_word(text[after : after + 1])
        if alone:
            kept += [text[end:at], "…"]
            end = after
        at = text.find(word, after if alone else at + 1)
    return "".join([*kept, text[end:]])


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _rule(each: OperationClass) -> str:
    return f"{each.situation} · {visible(each.rule)}"


def _causes(target: str, verb: Verb, classes: Mapping[OperationClass, int], overview: OperationOverview) -> list[Cause]:
    match verb:
        case Verb.RENAME | Verb.UPDATE:
            return _changes_in_common(overview.changes(target, verb))
        case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
            return _common((entitlement(each), count) for each, count in classes.items())
        case Verb.CREATE_GROUP | Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
            return []
        case Verb.CREATE | Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE | Verb.DELETE:
            return []
        case (
            Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            return []
        case _:
            assert_never(verb)


def _changes_in_common(classes: Iterable[ChangeClass]) -> list[Cause]:
    """The same change of several accounts, then the attributes that change for several and not all in that way."""
    attributes: Counter[str] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    for each in classes:
        for label, before, after in attribute_changes(each.before, each.after):
            attributes[label] += each.operations
            same[label, f"{label}: {before.plain} → {after.plain}"] += each.operations
    explained = {label for (label, _), count in same.items() if count == attributes[label]}
    alike = Counter({text: count for (_, text), count in same.items() if count > 1})
    return [
        *_ranked(alike),
        *_ranked(Counter({label: count for label, count in attributes.items() if count > 1 and label not in explained})),
    ]


def _common(texts: Iterable[tuple[str, int]]) -> list[Cause]:
    tally: Counter[str] = Counter()
    for text, count in texts:
        tally[text] += count
    return _ranked(tally)


def _ranked(tally: Mapping[str, int]) -> list[Cause]:
    ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    return [Cause(text, count) for text, count in ranked[:COMMON_CAUSES]]

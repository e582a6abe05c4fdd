"""Sentences for `why`: the outcome for one attribute, one membership and one account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from connectors.contract import AccountState
from mappings.rules import AttributeRule, Rename
from reconcile.decide.fragment import TargetContext
from reconcile.decide.matching.doubts import Doubt, clause
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.forms import same_but_case
from reconcile.plan.model import LifecycleState, Operation, Situation, Verb

_COMPARED = (Situation.CONFIRMED, Situation.FOUND)
_WITHOUT_ACCOUNT = (Situation.UNQUALIFIED, Situation.NOT_DUE, Situation.LINK_ONLY)


class Account(NamedTuple):
    """An account as it was read."""

    id: str
    login: str
    state: AccountState
    status: str


class Person(NamedTuple):
    """A person as one target sees them (the columns of `person_situation`)."""

    situation: str
    expected: Eligibility
    state: str
    account_id: str
    rank: int | None
    """The number of the correlation key that found the account, from 1."""
    undecided: bool
    """Whether it cannot be said whether they are in a group of another system, as the target asks."""
    doubt: Doubt | None


class Link(NamedTuple):
    """A remembered pair (the columns of `person_link`)."""

    account_id: str
    run: str
    because: str


class Membership(NamedTuple):
    """An entitlement that an account holds, or that rules grant its person (the columns of `person_memberships`)."""

    id: str
    kind: str
    name: str
    read_only: str
    held: bool
    direct: bool
    via: Sequence[str]
    """Through what it is held, where not only by itself."""
    rules: Sequence[str]
    given_in: str
    """The run in which this job gave it; empty where it did not."""
    fully_managed: bool
    frozen: bool
    unevaluated: Sequence[str]
    """The rules that cannot be evaluated and may grant it."""
    undecided: bool
    """Whether it cannot be said yet that a rule grants it: that depends on another system."""


class Withheld(NamedTuple):
    """The words for why something stays that should change."""

    below: bool
    """Whether findings on the person or the account follow."""
    frozen: bool
    """Whether everything of the person stays as it is until there is nothing to wait for."""

    def __str__(self) -> str:
        if self.below:
            return "; why is said below"
        return ": everything of the person is frozen" if self.frozen else ": nothing is written for this person now"


def attribute_verdict(  # noqa: PLR0913 - what decides about one attribute
    rule: AttributeRule,
    wanted: str | None,
    held: str | None,
    situation: Situation | None,
    operation: Operation | None,
    *,
    withheld: Withheld,
    ignores_case: bool,
    immutable: bool,
) -> str:
    """The verdict on one attribute: the first of these that applies."""
    written = operation is not None
    cases = (
        (written and operation is not None and operation.verb is Verb.CREATE, "is set on create"),
        (written, "changes" if wanted else "is cleared"),
        (situation not in _COMPARED, "is not written" if held is None else "is not compared"),
        (wanted is None, "stays: the sources state nothing"),
        (wanted == (held or ""), "is as it should be"),
        (ignores_case and same_but_case(wanted or "", held or ""), "differs in case only, which does not count here"),
        (rule.create_only, "stays: the rule sets it on create only"),
        (
            immutable and wanted and rule.rename is Rename.REVIEW,
            "differs, and stays until the change is asked for: `reconcile plan --renames`. Everything else goes on",
        ),
        (immutable and wanted, "differs, and stays: it is immutable. Everything else goes on"),
        (not wanted and not rule.clear, "stays: the sources state that it is empty, and the rule does not say clear = true"),
        (True, f"differs, and stays{withheld}"),
    )
    return next(sentence for so, sentence in cases if so)


def membership_verdict(
    view: TargetContext, each: Membership, situation: Situation | None, operations: Sequence[Operation], withheld: Withheld
) -> str:
    """The verdict on one membership: the first of these that applies."""
    for operation in operations:
        return f"{'is added' if operation.verb is Verb.ADD_MEMBER else 'is removed'}. {operation.because.detail}"
    granted = f"granted by {', '.join(_rule(view, name) for name in each.rules)}" if each.rules else ""
    since = f"this job gave it in the run {each.given_in}" if each.given_in else "this job did not give it, and will not take it"
    in_the_way = each.read_only or "nothing is written for this person now" + (str(withheld) if withheld.below else "")
    ours = each.given_in or each.fully_managed
    cases = (
        (each.held and not each.direct, f"is held through {', '.join(each.via)}: this job neither gives nor takes it"),
        (each.held and each.read_only, f"stays: it cannot be changed here ({each.read_only})"),
        (each.held and granted, f"stays: {granted}; {since}"),
        (each.frozen, f"stays as it is: its members were not read completely{f'; {granted}' if granted else ''}"),
        (each.held and ours and each.undecided, "stays: it cannot be said yet whether a rule grants it"),
        (
            each.held and ours and each.unevaluated and situation in _COMPARED,
            f"stays although no rule grants it: {', '.join(each.unevaluated)}, which may, cannot be evaluated",
        ),
        (each.held and ours, f"stays although no rule grants it{withheld}"),
        (each.held, "unchanged: not granted by a rule and not owned by this job"),
        (situation in _WITHOUT_ACCOUNT, f"is not given: {granted}, but the person should have no working account there"),
        (True, f"is not given: {granted}, but {in_the_way}"),
    )
    return next(sentence for so, sentence in cases if so)


def _rule(view: TargetContext, name: str) -> str:
    rule = view.mapping.entitlement_rules().get(name)
    return name + (f" ({rule.condition})" if rule is not None and rule.condition else "")


def expectation(
    view: TargetContext, situation: Situation | None, person: Person | None, account: Account | None, link: Link | None
) -> tuple[str, ...]:
    """Returns the sentence on the eligibility of a person in a target, the account that is theirs, and how that is known."""
    parts = [_eligibility(view, person) if person else "", _pair(view, person, account, link), _note(person), _state(account)]
    if situation is Situation.UNASSIGNED:
        parts.append("No identity is linked to it or matches it, so it is left unchanged.")
    return tuple(part for part in parts if part)


def _eligibility(view: TargetContext, person: Person) -> str:
    qualifies = f" They are judged by `{view.mapping.eligible}`." if view.mapping.eligible else ""
    qualifies += f' For people on leave the mapping says leave = "{view.mapping.leave}".' if person.state == LifecycleState.LEAVE else ""
    match person.expected:
        case Eligibility.ACTIVE:
            return f"Should have an account.{qualifies}"
        case Eligibility.SUSPENDED:
            return f"Should have an account that is suspended until they are back.{qualifies}"
        case Eligibility.NOT_YET:
            return "Starts later, and should have no account yet."
        case Eligibility.ON_HOLD if person.undecided:
            return f"Frozen: it cannot be said whether they are in one of the groups of other systems that decide it.{qualifies}"
        case Eligibility.ON_HOLD:
            return "Frozen: everything stays as it is until there is nothing to wait for."
        case Eligibility.NONE:
            return f"Should have no working account.{qualifies}"


def _pair(view: TargetContext, person: Person | None, account: Account | None, link: Link | None) -> str:
    if link is not None:
        gone = "" if account is not None else " The last read does not show it."
        when = f" in the run {link.run}" if link.run else ""
        return f"Linked to the account {account.login if account else link.account_id} ({link.account_id}){when}, because: {link.because or 'not recorded'}.{gone}"
    if person is None or account is None:
        return "No account is linked, and none matches." if person is not None and person.doubt is None else ""
    by = f" by {view.mapping.correlate[person.rank - 1].account}" if person.rank else ""
    return f"Not linked yet; matches the account {account.login} ({account.id}){by}."


def _note(person: Person | None) -> str:
    return f"The person {clause(person.doubt)}." if person is not None and person.doubt is not None else ""


def _state(account: Account | None) -> str:
    if account is None:
        return ""
    word = f" ({account.status})" if account.status and account.status.lower() != account.state.value else ""
    return f"The account is {account.state.value}{word}."

"""What takes one account or membership back to an earlier snapshot, and the good reasons for which it stays as it is."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import AccountState, Capability, Traits
from mappings.rules import TargetMapping
from reconcile.decide.fragment import TargetContext
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.restore.builder import RestoreBuilder
from reconcile.decide.restore.request import EarlierState, OwnChange
from reconcile.decide.restore.shapes import AccountSince, Appeared, MembershipSince, Owner
from reconcile.decide.restore.target import MOST_ALIKE, Since, restored
from reconcile.plan.model import Operation, Severity, Situation, Verb

A, S, D, G = AccountState.ACTIVE, AccountState.SUSPENDED, AccountState.DEACTIVATED, AccountState.STAGED
PERSON = Owner("u1", "E1", Situation.CONFIRMED, Eligibility.ACTIVE, "Ana Lee", "ana@x")
NOBODY = Owner("u1", "", Situation.UNASSIGNED, None, "", "ana@x")
LEFT = replace(PERSON, situation=Situation.UNQUALIFIED, expected=Eligibility.NONE)
VANISHED = replace(PERSON, situation=Situation.SOURCE_MISSING, expected=None)
ON_LEAVE = replace(PERSON, expected=Eligibility.SUSPENDED)
MAPPING = TargetMapping.model_validate(
    {
        "target": "app",
        "who": "true",
        "correlate": [{"account": "login", "identity": "work_email"}],
        "attributes": {
            "login": {"expression": "work_email", "immutable": True},
            "title": "title",
            "mail": {"expression": "m", "unique": True},
        },
    }
)
TRAITS = Traits(login="login", email="mail", can=Capability(suspend=True))
VIEW = TargetContext("app", TRAITS, MAPPING, {})


def build(own: dict[tuple[str, str, str], list[OwnChange]] | None = None, view: TargetContext = VIEW, **more: Any) -> RestoreBuilder:
    return RestoreBuilder(view, EarlierState("app", "2026-03-02T15:00", 3, "2026-03-02T14:00", own=own or {}, **more))


def account(then: AccountState, now: AccountState | None, owner: Owner = PERSON, **more: Any) -> AccountSince:
    values: dict[str, Any] = {"status": "", "values_then": {}, "values_now": {}, "wanted": {}}
    return AccountSince(owner=owner, then=then, now=now, **{**values, **more})


def changed(then: dict[str, Any], now: dict[str, Any], wanted: dict[str, str | None], owner: Owner = PERSON, **more: Any) -> AccountSince:
    return account(A, A, owner, values_then=then, values_now=now, wanted=wanted, **more)


def membership(*, held: bool, owner: Owner = PERSON, **more: Any) -> MembershipSince:
    usual: dict[str, Any] = {
        "state": A,
        "entitlement_id": "g1",
        "entitlement": "sales",
        "kind": "group",
        "privileged": False,
        "read_only": "",
    }
    usual |= {"direct": True, "exists_now": True, "existed": True, "in_doubt": False, "managed": False, "rules": [], "undecided": False}
    return MembershipSince(owner=owner, held=held, **{**usual, "ours": False, **more})


def of_accounts(*accounts: AccountSince, built: RestoreBuilder | None = None):
    return restored(built or build(), Since(accounts, (), ()))


def of_memberships(*memberships: MembershipSince, built: RestoreBuilder | None = None):
    return restored(built or build(), Since((), memberships, ()))


@pytest.mark.parametrize(
    ("then", "now", "owner", "verb"),
    [
        (A, S, PERSON, Verb.REACTIVATE),
        (A, D, PERSON, Verb.REACTIVATE),
        (A, S, NOBODY, Verb.REACTIVATE),
        (AccountState.UNKNOWN, D, NOBODY, Verb.REACTIVATE),
        (A, D, LEFT, None),
        (A, D, VANISHED, None),
        (A, S, ON_LEAVE, None),
        (A, D, replace(PERSON, expected=Eligibility.ON_HOLD), None),
        (S, A, NOBODY, Verb.SUSPEND),
        (S, A, ON_LEAVE, Verb.SUSPEND),
        (S, A, PERSON, None),
        (D, A, NOBODY, Verb.DEACTIVATE),
        (D, A, LEFT, Verb.DEACTIVATE),
        (D, A, PERSON, None),
        (D, S, NOBODY, Verb.DEACTIVATE),
        (S, D, NOBODY, None),
        (G, D, NOBODY, None),
        (A, AccountState.UNKNOWN, PERSON, None),
    ],
)
def test_a_state_comes_back_unless_the_mapping_wants_the_one_there_is(then, now, owner, verb):
    found = of_accounts(account(then, now, owner))
    assert [each.verb for each in found.operations] == ([verb] if verb else [])
    if verb:
        (operation,) = found.operations
        assert dict(operation.before) == {"state": now.value}
        assert operation.after["state"] == ("active" if verb is Verb.REACTIVATE else then.value)
        assert operation.because.rule == "app: restore 2026-03-02T15:00"
    elif now is not AccountState.UNKNOWN:
        assert len(found.findings) == 1


def test_a_state_that_a_person_asked_for_stays_and_one_of_a_rule_that_is_gone_does_not():
    asked = {("app", "u1", ""): [OwnChange(Verb.SUSPEND, "app: act lockdown", "R7")]}
    found = of_accounts(account(A, S), built=build(asked))
    assert found.operations == ()
    assert "a person asked for it in the run R7" in found.findings[0].message
    assert of_accounts(
        account(A, S), built=build({("app", "u1", ""): [OwnChange(Verb.RESET_PASSWORD, "app: act reset-password", "R7")]})
    ).operations
    (operation,) = of_accounts(
        account(A, D), built=build({("app", "u1", ""): [OwnChange(Verb.DEACTIVATE, "app: leavers", "R8")]})
    ).operations
    assert "by the run R8" in operation.because.detail


@pytest.mark.parametrize(
    ("wanted", "owner", "comes_back"),
    [
        ("clerk", PERSON, True),
        ("thief", PERSON, False),
        ("chief", PERSON, False),
        (None, PERSON, True),
        ("", PERSON, True),
        ("thief", NOBODY, True),
        ("clerk", LEFT, False),
    ],
)
def test_a_value_comes_back_unless_the_mapping_wants_another(wanted, owner, comes_back):
    found = of_accounts(changed({"title": "clerk"}, {"title": "thief"}, {"title": wanted}, owner))
    assert [(dict(each.before), dict(each.after)) for each in found.operations] == [({"title": "thief"}, {"title": "clerk"})] * comes_back
    assert len(found.findings) == (not comes_back)


def test_values_that_cannot_come_back_need_attention():
    taken = changed({"mail": "a@x", "login": "a"}, {"mail": "b@x", "login": "b"}, {}, NOBODY, taken=frozenset({"mail"}))
    found = of_accounts(taken)
    assert found.operations == ()
    assert [each.severity for each in found.findings] == [Severity.ATTENTION] * 2
    assert "set only once" in found.findings[0].message
    assert "another account has that value now" in found.findings[1].message


def test_attributes_that_the_mapping_does_not_name_come_back_only_where_it_is_asked_for():
    account_since = changed({"phone": "1"}, {"phone": "2"}, {})
    found = of_accounts(account_since)
    assert found.operations == ()
    assert "phone of 1 account. To bring them back too: --all-attributes" in found.findings[0].message
    (operation,) = of_accounts(account_since, built=build(all_attributes=True)).operations
    assert dict(operation.after) == {"phone": "1"}


@pytest.mark.parametrize(
    ("since", "verb"),
    [
        (membership(held=True), Verb.ADD_MEMBER),
        (membership(held=True, rules=["groups.sales"], ours=True), Verb.ADD_MEMBER),
        (membership(held=True, managed=True, rules=["groups.sales"]), Verb.ADD_MEMBER),
        (membership(held=True, owner=NOBODY), Verb.ADD_MEMBER),
        (membership(held=True, state=S), Verb.ADD_MEMBER),
        (membership(held=True, managed=True), None),
        (membership(held=True, ours=True), None),
        (membership(held=True, owner=LEFT), None),
        (membership(held=True, undecided=True), None),
        (membership(held=True, read_only="a rule fills it"), None),
        (membership(held=True, in_doubt=True), None),
        (membership(held=True, state=D), None),
        (membership(held=False), Verb.REMOVE_MEMBER),
        (membership(held=False, owner=LEFT, rules=["groups.sales"]), Verb.REMOVE_MEMBER),
        (membership(held=False, rules=["groups.sales"]), None),
        (membership(held=False, direct=False), None),
        (membership(held=False, in_doubt=True), None),
        (membership(held=False, existed=False), None),
        (membership(held=True, exists_now=False), None),
    ],
)
def test_a_membership_comes_back_unless_a_rule_or_a_doubt_is_against_it(since, verb):
    found = of_memberships(since)
    assert [each.verb for each in found.operations] == ([verb] if verb else [])
    assert bool(found.findings) is (verb is None)


@pytest.mark.parametrize("rule", ["app: groups.sales", "app: act remove-from-group"])
def test_a_membership_that_a_run_of_ours_took_stays_taken_where_no_rule_grants_it(rule):
    own = {("app", "u1", "g1"): [OwnChange(Verb.REMOVE_MEMBER, rule, "R9")]}
    found = of_memberships(membership(held=True), built=build(own))
    assert found.operations == ()
    assert "undo R9" in found.findings[0].message
    given_again = {("app", "u1", "g1"): [*own["app", "u1", "g1"], OwnChange(Verb.ADD_MEMBER, "app: groups.sales", "R10")]}
    assert of_memberships(membership(held=True), built=build(given_again)).operations


def test_what_comes_back_waits_for_its_account_and_a_deactivation_waits_for_the_values():
    woken = account(A, D, values_then={"title": "clerk"}, values_now={"title": None}, wanted={"title": "clerk"})
    found = restored(build(), Since([woken], [membership(held=True, state=D)], []))
    state, update, addition = found.operations
    assert (state.verb, update.depends_on, addition.depends_on) == (Verb.REACTIVATE, (state.id,), (state.id,))
    ended = account(D, A, NOBODY, values_then={"title": "clerk"}, values_now={"title": "thief"})
    state, update = of_accounts(ended).operations
    assert (state.verb, state.depends_on) == (Verb.DEACTIVATE, (update.id,))


def test_an_account_that_stays_closed_gets_nothing_back():
    shut = account(A, D, LEFT, values_then={"title": "clerk"}, values_now={"title": "thief"})
    found = restored(build(), Since([shut], [membership(held=True, state=D, owner=LEFT)], []))
    assert found.operations == ()
    assert all(each.severity is Severity.NOTE for each in found.findings)


def test_what_nothing_brings_back_is_listed_first():
    gone, woken = account(A, None, replace(NOBODY, account_id="u9", situation=None)), account(A, S, LEFT)
    lost = membership(held=True, exists_now=False)
    found = restored(build(), Since([woken, gone], [lost], [Appeared("u7", "new@x", wanted=False), Appeared("u8", "due@x", wanted=True)]))
    first, second, third, fourth, *_ = [each.message for each in found.findings]
    assert "is deleted. Nothing brings it back" in first
    assert second.startswith("The group 'sales' held 1 account")
    assert "due@x" in third
    assert "new@x" in fourth
    assert "act deactivate" in fourth


def test_very_many_findings_that_only_say_that_something_stays_are_counted():
    many = [account(A, D, replace(LEFT, account_id=f"u{number}")) for number in range(MOST_ALIKE + 7)]
    found = of_accounts(*many)
    assert len(found.findings) == MOST_ALIKE + 1
    assert found.findings[-1].message.startswith("7 more values")


def test_a_target_that_cannot_do_it_is_said_so():
    closed = replace(VIEW, traits=replace(TRAITS, can=Capability(reactivate=False, suspend=False, memberships=False)))
    accounts = (account(A, D), account(S, A, replace(NOBODY, account_id="u2")))
    memberships = (membership(held=True, owner=NOBODY), membership(held=False, owner=NOBODY, entitlement_id="g2"))
    found = restored(build(view=closed), Since(accounts, memberships, ()))
    assert not [each for each in found.operations if isinstance(each, Operation)]
    assert [each.severity for each in found.findings] == [Severity.ATTENTION] * 4

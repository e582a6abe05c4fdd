"""One-off actions, account by account: what is planned, what is not and why, and what the next run makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.actions import Action, ActionRule
from connectors.contract import AccountState, Capability, Opening, Traits
from mappings.rules import TargetMapping
from reconcile.decide.act.accounts import AskedAccount, Entitled, Holding, Memberships
from reconcile.decide.act.builder import Builder
from reconcile.decide.act.request import Request, RequestKind
from reconcile.decide.act.steps import Steps
from reconcile.decide.fragment import TargetContext
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.protection.protected import Protection, with_holds
from reconcile.plan.hold import Hold
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Situation, Verb

STATUS = {
    AccountState.ACTIVE: "ON",
    AccountState.SUSPENDED: "PAUSED",
    AccountState.STAGED: "NEW",
    AccountState.DEACTIVATED: "OFF",
    AccountState.UNKNOWN: "",
}
CAN = Capability(
    suspend=True,
    suspend_from=frozenset({"ON"}),
    delete=True,
    actions={
        Action.REVOKE_SESSIONS: ActionRule(repeatable=True),
        Action.UNLOCK: ActionRule(possible=frozenset({"LOCKED"}), already=frozenset({"ON"}), leads_to="ON"),
        Action.RESET_PASSWORD: ActionRule(possible=frozenset({"ON"}), leads_to="RECOVERY"),
    },
)
STAFF = Entitled("g1", "group", "staff", "", privileged=False)
ADMINS = Entitled("g2", "group", "admins", "", privileged=True)
SYNCED = Entitled("g3", "group", "synced", "comes from a directory", privileged=False)


def view(can: Capability = CAN, **mapping: Any) -> TargetContext:
    rules = {"target": "app", "attributes": {"login": "login"}, **mapping}
    return TargetContext("app", Traits(login="login", email="mail", can=can), TargetMapping.model_validate(rules), {})


def account(state: AccountState = AccountState.ACTIVE, **more: Any) -> AskedAccount:
    usual = AskedAccount("a1", "17", state, STATUS[state], "mina", "Mina Falk", Situation.CONFIRMED, Eligibility.ACTIVE)
    return usual._replace(**more)


def steps(
    kind: RequestKind,
    of: AskedAccount,
    *,
    entitlement: Entitled | None = None,
    memberships: Memberships | None = None,
    at: TargetContext | None = None,
) -> list[Operation | Finding]:
    build = Builder(at or view(), Request(kind, "Jo", "a laptop is gone"))
    return list(Steps(build, memberships or Memberships(), entitlement).of(of))


def brief(found: list[Operation | Finding]) -> list[str]:
    """The verbs of operations, and the severities of notes."""
    return [each.verb.value if isinstance(each, Operation) else each.severity.value for each in found]


ACTIVE, SUSPENDED, STAGED, OFF = AccountState.ACTIVE, AccountState.SUSPENDED, AccountState.STAGED, AccountState.DEACTIVATED
DONE, WRONG = Severity.NOTE.value, Severity.ATTENTION.value


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (RequestKind.ACTIVATE, {ACTIVE: DONE, SUSPENDED: WRONG, STAGED: "reactivate", OFF: "reactivate"}),
        (RequestKind.UNSUSPEND, {ACTIVE: DONE, SUSPENDED: "reactivate", STAGED: WRONG, OFF: WRONG}),
        (RequestKind.SUSPEND, {ACTIVE: "suspend", SUSPENDED: DONE, STAGED: WRONG, OFF: WRONG}),
        (RequestKind.DEACTIVATE, {ACTIVE: "deactivate", SUSPENDED: "deactivate", STAGED: "deactivate", OFF: DONE}),
        (RequestKind.DELETE, {ACTIVE: WRONG, SUSPENDED: WRONG, STAGED: WRONG, OFF: "delete"}),
    ],
)
def test_state_changes_only_from_the_states_that_it_can_change_from(kind: RequestKind, found: dict[AccountState, str]) -> None:
    assert {state: brief(steps(kind, account(state)))[0] for state in found} == found


@pytest.mark.parametrize(
    ("kind", "of", "way"),
    [
        (RequestKind.ACTIVATE, account(SUSPENDED), "reconcile act unsuspend"),
        (RequestKind.UNSUSPEND, account(OFF), "reconcile act activate"),
        (RequestKind.DELETE, account(), "reconcile act deactivate"),
        (RequestKind.SUSPEND, account(status="EXPIRED"), "reconcile act deactivate"),
        (RequestKind.RESET_FACTORS, account(), "in the system itself"),
        (RequestKind.RESET_PASSWORD, account(SUSPENDED), "works only from ON"),
    ],
)
def test_step_that_is_not_possible_says_what_to_do_instead(kind: RequestKind, of: AskedAccount, way: str) -> None:
    (note,) = steps(kind, of)
    assert isinstance(note, Finding)
    assert (note.kind, note.account_id, way in note.message) == (FindingKind.NOT_ACTED, "a1", True)


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (RequestKind.ACTIVATE, "reactivate"),
        (RequestKind.SUSPEND, "suspend"),
        (RequestKind.DEACTIVATE, "deactivate"),
        (RequestKind.OFFBOARD, "deactivate"),
        (RequestKind.DELETE, "delete"),
    ],
)
def test_step_that_the_target_cannot_do_is_named_and_left_to_be_done_there(kind: RequestKind, missing: str) -> None:
    cannot = view(replace(CAN, **{missing: False}))
    found = steps(kind, account(OFF if kind in (RequestKind.ACTIVATE, RequestKind.DELETE) else ACTIVE), at=cannot)
    note = found[-1]
    assert isinstance(note, Finding)
    assert note.message == f"mina (Mina Falk) stays as it is: app cannot {missing} accounts. Do it in the system itself."
    assert brief(found) == (["revoke_sessions", WRONG] if kind is RequestKind.OFFBOARD else [WRONG])


@pytest.mark.parametrize("state", [SUSPENDED, STAGED, OFF])
def test_lockdown_of_an_account_without_a_sign_in_ends_its_sessions_alone(state: AccountState) -> None:
    assert brief(steps(RequestKind.LOCKDOWN, account(state))) == [*([] if state is OFF else ["revoke_sessions"]), DONE]


def test_action_is_planned_from_the_statuses_of_its_rule_and_shows_where_it_leads() -> None:
    (asked,) = steps(RequestKind.UNLOCK, account(status="LOCKED"))
    assert isinstance(asked, Operation)
    assert (asked.verb, asked.before, asked.after) == (Verb.UNLOCK, {"status": "LOCKED"}, {"status": "ON"})
    assert brief(steps(RequestKind.UNLOCK, account())) == [DONE]
    assert brief(steps(RequestKind.UNLOCK, account(OFF))) == [WRONG]


def test_lockdown_ends_what_cannot_be_suspended() -> None:
    assert brief(steps(RequestKind.LOCKDOWN, account())) == ["revoke_sessions", "suspend"]
    assert brief(steps(RequestKind.LOCKDOWN, account(status="EXPIRED"))) == ["revoke_sessions", "deactivate"]
    without = view(replace(CAN, suspend=False, actions={}))
    (ended,) = steps(RequestKind.LOCKDOWN, account(), at=without)
    assert isinstance(ended, Operation)
    assert (ended.verb, "app cannot suspend it (ON), so it is deactivated." in ended.because.detail) == (Verb.DEACTIVATE, True)
    (note,) = steps(RequestKind.LOCKDOWN, account(), at=view(Capability(deactivate=False)))
    assert isinstance(note, Finding)
    assert "by hand" in note.message


def test_offboarding_takes_direct_memberships_first_and_names_what_stays() -> None:
    held = {
        "a1": [Holding(STAFF, direct=True, ours=True), Holding(SYNCED, direct=True, ours=False), Holding(ADMINS, direct=False, ours=False)]
    }
    found = steps(RequestKind.OFFBOARD, account(), memberships=Memberships(held))
    assert brief(found) == ["remove_member", DONE, "revoke_sessions", "deactivate"]
    assert isinstance(found[0], Operation)
    assert (found[0].entitlement, found[0].ours) == ("staff", True)
    assert isinstance(found[1], Finding)
    assert "synced (comes from a directory)" in found[1].message
    assert brief(steps(RequestKind.OFFBOARD, account(OFF))) == [DONE]


def test_membership_by_hand_is_no_grant_of_a_rule_and_a_privileged_one_is_marked() -> None:
    (added,) = steps(RequestKind.ADD_TO_GROUP, account(), entitlement=ADMINS)
    assert isinstance(added, Operation)
    assert (added.verb, added.entitlement_id, added.ours, added.privileged) == (Verb.ADD_MEMBER, "g2", False, True)
    held = Memberships({"a1": [Holding(ADMINS, direct=True, ours=False)]})
    assert brief(steps(RequestKind.ADD_TO_GROUP, account(), entitlement=ADMINS, memberships=held)) == [DONE]
    assert brief(steps(RequestKind.REMOVE_FROM_GROUP, account(), entitlement=STAFF)) == [DONE]
    assert brief(steps(RequestKind.ADD_TO_GROUP, account(), entitlement=SYNCED)) == [WRONG]
    assert brief(steps(RequestKind.ADD_TO_GROUP, account(OFF), entitlement=STAFF)) == [WRONG]
    through = Memberships({"a1": [Holding(STAFF, direct=False, ours=False)]})
    assert brief(steps(RequestKind.REMOVE_FROM_GROUP, account(), entitlement=STAFF, memberships=through)) == [WRONG]


RULES = {("17", "g1"): ["groups.staff"]}


@pytest.mark.parametrize(
    ("kind", "of", "entitlement", "memberships", "then"),
    [
        (RequestKind.SUSPEND, account(), None, Memberships(), "The next run makes it active again"),
        (RequestKind.SUSPEND, account(expected=Eligibility.SUSPENDED), None, Memberships(), ""),
        (RequestKind.DEACTIVATE, account(expected=Eligibility.NONE, situation=Situation.UNQUALIFIED), None, Memberships(), ""),
        (RequestKind.DEACTIVATE, account(expected=None, anchor="", situation=Situation.UNASSIGNED), None, Memberships(), ""),
        (
            RequestKind.ACTIVATE,
            account(OFF, expected=Eligibility.NONE, situation=Situation.UNQUALIFIED),
            None,
            Memberships(),
            "The next run ends it",
        ),
        (
            RequestKind.REMOVE_FROM_GROUP,
            account(),
            STAFF,
            Memberships({"a1": [Holding(STAFF, direct=True, ours=True)]}, RULES),
            "(granted by groups.staff)",
        ),
        (RequestKind.REMOVE_FROM_GROUP, account(), STAFF, Memberships({"a1": [Holding(STAFF, direct=True, ours=True)]}), ""),
        (RequestKind.ADD_TO_GROUP, account(), STAFF, Memberships(managed=frozenset({"g1"})), "The next run takes it back"),
        (RequestKind.ADD_TO_GROUP, account(), STAFF, Memberships(rules=RULES, managed=frozenset({"g1"})), ""),
        (RequestKind.ADD_TO_GROUP, account(), STAFF, Memberships(), ""),
        *(
            (
                kind,
                account(state, expected=Eligibility.ON_HOLD, situation=situation),
                None,
                Memberships(),
                f"The next run may {again} as soon",
            )
            for kind, state, situation, again in (
                (RequestKind.SUSPEND, AccountState.ACTIVE, Situation.CONFIRMED, "make it active again"),
                (RequestKind.DEACTIVATE, AccountState.ACTIVE, Situation.CONFIRMED, "make it active again"),
                (RequestKind.DELETE, OFF, Situation.CONFIRMED, "find a person without an account"),
                (RequestKind.ACTIVATE, OFF, Situation.UNQUALIFIED, "end it again"),
            )
        ),
        (
            RequestKind.REMOVE_FROM_GROUP,
            account(expected=Eligibility.ON_HOLD),
            STAFF,
            Memberships({"a1": [Holding(STAFF, direct=True, ours=True)]}, RULES),
            "The next run may give it back as soon",
        ),
    ],
)
def test_reason_says_what_the_next_run_makes_of_it_and_how_to_keep_it(
    kind: RequestKind, of: AskedAccount, entitlement: Entitled | None, memberships: Memberships, then: str
) -> None:
    (planned,) = steps(kind, of, entitlement=entitlement, memberships=memberships)
    assert isinstance(planned, Operation)
    detail = planned.because.detail
    assert detail.startswith(f"{kind.value}, asked for by Jo: a laptop is gone.")
    assert (then in detail, "reconcile hold 17 --until DATE --why REASON" in detail) == (True, bool(then))


def test_activation_mail_goes_out_where_the_mapping_says_so() -> None:
    mailing = view(replace(CAN, activation_mail=True), activation_mail=True)
    (opened,) = steps(RequestKind.ACTIVATE, account(OFF), at=mailing)
    (woken,) = steps(RequestKind.UNSUSPEND, account(SUSPENDED), at=mailing)
    assert isinstance(opened, Operation)
    assert isinstance(woken, Operation)
    assert (opened.opening, woken.opening) == (Opening.MAIL, Opening.SILENT)


def test_hold_is_on_its_person_in_every_target_or_on_its_account_alone() -> None:
    of_person = Hold(anchor="17", until="2027-01-05", by="Jo", why="in court")
    of_account = Hold(target="app", account_id="a9", until="2027-01-06", by="Jo", why="evidence")
    protection = with_holds(Protection(known_people={"18": "protected: listed"}), [of_person, of_account, replace(of_person, anchor="18")])
    (one,) = steps(RequestKind.SUSPEND, account())
    assert isinstance(one, Operation)
    traits = view().traits

    def reason(**changes: Any) -> str:
        return protection.reason(replace(one, **changes), traits)

    assert reason() == reason(target="other") == "held until 2027-01-05 by Jo: in court"
    assert reason(anchor="", account_id="a9") == "held until 2027-01-06 by Jo: evidence"
    assert reason(anchor="", account_id="a9", target="other") == reason(anchor="19") == ""
    # What the configuration protects stays protected for its own reason, whatever ends a hold.
    assert reason(anchor="18") == "protected: listed"

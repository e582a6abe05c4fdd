"""Suspending instead of deactivating, by rule; only suspensions of this job are ended by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.contract import AccountState, Capability
from mappings.problems import BadConfiguration
from reconcile.decide.guards.evaluate import judge
from reconcile.plan.model import Because, Census, FindingKind, Operation, OutcomeKind, Run, Severity, Situation, Verb
from reconcile.project.limits import Guards, Limit
from tests.support.companies import engine
from tests.support.companies.office import Office, changed, days, done, found, office, person, said
from tests.support.undoing import inverse


def test_a_person_on_leave_is_suspended_with_their_groups_and_comes_back(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leave="suspend") as here:
        here.night()
        here.hr(person("ann", status="leave"))
        plan = here.night(days(1))
        assert done(plan) == [(Verb.SUSPEND, "ann")]
        assert plan.operations[0].because.detail == 'Ann (ann) is on leave (start 2026-01-01), and the mapping says leave = "suspend".'
        assert (here.state("ann"), here.groups("ann")) == ("suspended", {"all", "sales"})
        assert here.plan(days(2)).operations == ()
        here.hr(person("ann"))
        plan = here.night(days(3))
        assert done(plan) == [(Verb.REACTIVATE, "ann")]
        assert plan.operations[0].because.detail == "Ann (ann) is active (start 2026-01-01), and the account was suspended by this job."
        assert here.state("ann") == "active"
        assert here.plan(days(4)).operations == ()


def test_memberships_of_a_person_on_leave_follow_the_rules(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leave="suspend") as here:
        here.night()
        here.hr(person("ann", status="leave"))
        here.night(days(1))
        here.hr(person("ann", status="leave", dept="lab", name="Ann Lee"))
        plan = here.night(days(2))
        assert changed(plan) == [(Verb.REMOVE_MEMBER, "ann", "sales")]
        assert here.account("ann").attributes["name"] == "Ann Lee"
        assert here.state("ann") == "suspended"


def test_no_account_is_created_only_to_be_suspended(tmp_path: Path) -> None:
    with office(tmp_path, person("ann", status="leave"), leave="suspend") as here:
        plan = here.plan()
        assert plan.operations == ()
        assert plan.census[0].situations == {Situation.NOT_DUE: 1}


def test_a_leaver_is_suspended_where_the_mapping_says_so_and_loses_what_this_job_gave(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leavers="suspend") as here:
        here.night()
        here.bench.target.members.add((here.account("ann").id, "g-chess"))
        here.hr(person("ann", status="left"))
        plan = here.night(days(1))
        assert done(plan) == [(Verb.SUSPEND, "ann")]
        assert [operation.verb for operation in plan.operations] == [Verb.REMOVE_MEMBER, Verb.REMOVE_MEMBER, Verb.SUSPEND]
        assert plan.operations[-1].because.detail == (
            'Ann (ann) is terminated (status left, start 2026-01-01), and the mapping says leavers = "suspend".'
        )
        assert plan.operations[0].because.detail == "Leaves: memberships are removed before the account stops working."
        assert (here.state("ann"), here.groups("ann")) == ("suspended", {"chess club"})
        assert here.plan(days(2)).operations == ()


def test_account_suspended_by_hand_stays_suspended(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leave="suspend", leavers="suspend") as here:
        here.night()
        here.by_hand("ann", AccountState.SUSPENDED)
        plan = here.night(days(1))
        assert done(plan) == []
        (message,) = said(plan, FindingKind.POLICY)
        assert "set by hand" in message
        # Leaving and coming back does not make it ours.
        here.hr(person("ann", status="leave"))
        assert done(here.night(days(2))) == []
        here.hr(person("ann"))
        assert done(here.night(days(3))) == []
        assert here.state("ann") == "suspended"


def test_a_suspension_by_hand_after_ours_was_ended_by_hand_is_not_ours(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leave="suspend") as here:
        here.night()
        here.hr(person("ann", status="leave"))
        here.night(days(1))
        here.by_hand("ann", AccountState.ACTIVE)
        here.read(days(2))
        here.by_hand("ann", AccountState.SUSPENDED)
        here.hr(person("ann"))
        plan = here.night(days(3))
        assert done(plan) == []
        assert "set by hand" in said(plan, FindingKind.POLICY)[0]


def test_person_who_leaves_during_leave_is_deactivated_and_reactivated_on_return(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leave="suspend") as here:
        here.night()
        here.hr(person("ann", status="leave"))
        here.night(days(1))
        here.hr(person("ann", status="left"))
        assert done(here.night(days(2))) == [(Verb.DEACTIVATE, "ann")]
        here.hr(person("ann"))
        assert done(here.night(days(3))) == [(Verb.REACTIVATE, "ann")]


def test_person_on_leave_with_an_inactive_account_is_left_unchanged(tmp_path: Path) -> None:
    accounts = {"ann": "deactivated", "bob": "staged"}
    with office(
        tmp_path, person("ann", status="leave", dept="lab"), person("bob", status="leave"), accounts=accounts, leave="suspend"
    ) as here:
        plan = here.plan()
        assert plan.operations == ()
        assert said(plan, FindingKind.POLICY)[0] == (
            "Ann (ann) is on leave (start 2026-01-01), and the account ann@x is deactivated: there is nothing to suspend. "
            "It stays as it is until they are back."
        )


def test_a_leaver_whose_account_never_worked_is_told(tmp_path: Path) -> None:
    with office(tmp_path, person("ann", status="left"), accounts={"ann": "staged"}, leavers="suspend") as here:
        here.night()
        plan = here.plan(days(1))
        assert plan.operations == ()
        assert "was never activated: it admits no sign-in and cannot be suspended" in said(plan, FindingKind.POLICY)[0]


def test_missing_value_of_a_person_on_leave_blocks_neither_suspension_nor_group_changes(tmp_path: Path) -> None:
    mapping = {
        "attributes": {"login": {"expression": "mail", "required": True}, "no": "anchor", "name": {"expression": "name", "required": True}}
    }
    with office(tmp_path, person("ann"), leave="suspend", **mapping) as here:
        here.night()
        here.hr(person("ann", status="leave", dept="lab", name=None))
        plan = here.night(days(1))
        # The department is stated, and the old one's group goes; the name, which is missing, stays.
        assert [operation.verb for operation in plan.operations] == [Verb.REMOVE_MEMBER, Verb.SUSPEND]
        assert here.groups("ann") == {"all"}


@pytest.mark.parametrize("setting", ["leave", "leavers"])
def test_a_target_that_knows_no_suspended_account_refuses_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, can=Capability()))
    with (
        office(tmp_path, person("ann"), **{setting: "suspend"}) as here,
        pytest.raises(BadConfiguration, match="does not support suspension"),
    ):
        here.plan()


def _operations(verb: Verb, count: int) -> list[Operation]:
    why = Because(situation=Situation.UNQUALIFIED, rule="app: who", detail="")
    return [
        Operation(
            id=f"{verb}{each}", target="app", verb=verb, anchor=f"{verb}{each}", account_id=f"{verb}{each}", who="", name="", because=why
        )
        for each in range(count)
    ]


def test_suspending_is_no_way_around_the_limit_of_deactivations() -> None:
    operations = _operations(Verb.DEACTIVATE, 4) + _operations(Verb.SUSPEND, 4)
    verdicts = judge(Guards(), [Census(target="app", situations={}, accounts=100)], operations)
    assert [(each.guard, each.passed, each.count) for each in verdicts] == [("app.deactivate", False, 8), ("app.suspend", True, 4)]
    assert verdicts[0].message.startswith("Refused: 8 accounts would be deactivated or suspended in app (8.0% of 100 ")
    assert [each.passed for each in judge(Guards(), [Census(target="app", situations={}, accounts=100)], operations[:4])] == [True]


def test_suspensions_have_a_limit_of_their_own() -> None:
    guards = Guards(deactivate=Limit(percent=100), suspend=Limit(count=3))
    verdicts = judge(guards, [Census(target="app", situations={}, accounts=100)], _operations(Verb.SUSPEND, 4))
    assert [(each.guard, each.passed) for each in verdicts] == [("app.deactivate", True), ("app.suspend", False)]


ONLY_ACTIVE = replace(engine.TRAITS, can=Capability(suspend=True, suspend_from=frozenset({"ACTIVE"})))


def _set_status(here: Office, who: str, status: str) -> None:
    """The account of a person gets another status of its system, and works as before."""
    account = here.account(who)
    here.bench.target.accounts[account.id] = replace(account, status=status, version=account.version + 1)


@pytest.fixture
def suspends_only_active(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TRAITS", ONLY_ACTIVE)


@pytest.mark.usefixtures("suspends_only_active")
@pytest.mark.parametrize(
    ("setting", "otherwise", "verb"),
    [
        ("leavers", None, Verb.DEACTIVATE),
        ("leavers", "deactivate", Verb.DEACTIVATE),
        ("leavers", "keep", None),
        ("leave", None, None),
        ("leave", "deactivate", Verb.DEACTIVATE),
        ("leave", "keep", None),
        ("vanished", None, Verb.DEACTIVATE),
        ("vanished", "keep", None),
    ],
)
def test_account_that_cannot_be_suspended_is_deactivated_or_reported(
    tmp_path: Path, setting: str, otherwise: str | None, verb: Verb | None
) -> None:
    status = {"leavers": "left", "leave": "leave"}
    others = [person(f"other{number}") for number in range(8)]
    mapping = {setting: "suspend", "suspend_otherwise": otherwise} | ({"vanished_after": 2} if setting == "vanished" else {})
    with office(tmp_path, person("ann"), *others, **mapping) as here:
        here.night()
        _set_status(here, "ann", "LOCKED_OUT")
        here.hr(*others, *([person("ann", status=status[setting])] if setting in status else []))
        if setting == "vanished":
            here.night(days(1))
        plan = here.night(days(4))
        assert done(plan) == ([(verb, "ann")] if verb else [])
        kept = found(plan, FindingKind.ACCESS_KEPT)
        assert [(each.anchor, each.severity) for each in kept] == ([] if verb else [("ann", Severity.ATTENTION)])
        (text,) = [each.message for each in kept] or [operation.because.detail for operation in plan.operations if operation.verb is verb]
        assert f'{setting} = "suspend"' in text
        assert "suspends only accounts that are ACTIVE, and this one is LOCKED_OUT" in text
        assert here.state("ann") == ("deactivated" if verb else "active")
        assert done(here.plan(days(5))) == []


@pytest.mark.usefixtures("suspends_only_active")
def test_kept_account_is_suspended_once_its_status_allows_it(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leave="suspend") as here:
        here.night()
        _set_status(here, "ann", "RECOVERY")
        here.hr(person("ann", status="leave", name="Ann Lee"))
        assert [operation.verb for operation in here.night(days(1)).operations] == [Verb.UPDATE]
        _set_status(here, "ann", "")
        assert done(here.night(days(2))) == [(Verb.SUSPEND, "ann")]


@pytest.mark.usefixtures("suspends_only_active")
@pytest.mark.parametrize(
    ("planned", "now", "words"),
    [
        ("", "LOCKED_OUT", "LOCKED_OUT now, and cannot be suspended"),
        ("LOCKED_OUT", "", "was LOCKED_OUT and is ACTIVE now: it can be suspended"),
    ],
)
def test_step_is_not_applied_once_the_status_asks_for_another(tmp_path: Path, planned: str, now: str, words: str) -> None:
    with office(tmp_path, person("ann"), leavers="suspend") as here:
        here.night()
        _set_status(here, "ann", planned)
        here.hr(person("ann", status="left"))
        plan = here.plan(days(1))
        _set_status(here, "ann", now)
        (outcome,) = [each for each in here.bench.apply(plan) if each.operation_id == plan.operations[-1].id]
        assert (outcome.kind, here.state("ann")) == (OutcomeKind.MOVED, "active")
        assert words in outcome.detail


@pytest.mark.usefixtures("suspends_only_active")
def test_deactivation_in_place_of_a_suspension_goes_on_from_another_such_status(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leavers="suspend") as here:
        here.night()
        _set_status(here, "ann", "LOCKED_OUT")
        here.hr(person("ann", status="left"))
        plan = here.plan(days(1))
        _set_status(here, "ann", "PASSWORD_EXPIRED")
        here.bench.apply(plan)
        assert here.state("ann") == "deactivated"


@pytest.mark.usefixtures("suspends_only_active")
def test_undo_reactivates_who_was_deactivated_in_place_of_a_suspension(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), leavers="suspend") as here:
        here.night()
        _set_status(here, "ann", "PROVISIONED")
        here.hr(person("ann", status="left"))
        plan = here.plan(days(1))
        run = Run(id="r", plan_digest=plan.digest, live=True, started="", ended="", outcomes=tuple(here.bench.apply(plan)))
        back = inverse(plan, run)
        assert done(back) == [(Verb.REACTIVATE, "ann")]
        assert {each.kind for each in here.bench.apply(back)} == {OutcomeKind.DONE}
        assert here.state("ann") == "active"

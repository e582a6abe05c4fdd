"""Entries of `[protected]`: every form protects, at plan and at apply, and an entry without effect is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Record, Value
from connectors.errors import NotFound, Unreachable
from reconcile.decide.protection.names import first_match
from reconcile.plan.model import Finding, FindingKind, OutcomeKind, Plan, Severity
from tests.support.companies.office import Office, days, found, office, person
from tests.support.companies.world import TARGET

FORMS: Mapping[str, Mapping[str, Any]] = {
    "a pattern of logins": {"accounts": {TARGET: ["a?n@*"]}},
    "a pattern of second addresses": {"accounts": {TARGET: ["*.private@y"]}},
    "a second address": {"accounts": {TARGET: ["Ann.Private@Y"]}},
    "an address in another list": {"accounts": {TARGET: ["ann@home"]}},
    "a login in full width": {"accounts": {TARGET: ["ａｎｎ＠ｘ"]}},
    "an address in another composition": {"accounts": {TARGET: ["zoe\u0308@y"]}},
    "a login with outer spaces and a zero-width space": {"accounts": {TARGET: ["  an\u200bn@x "]}},
    "a group": {"groups": {TARGET: ["Break Glass"]}},
    "a pattern of groups": {"groups": {TARGET: ["break*"]}},
    "the id of a group": {"groups": {TARGET: ["g-glass"]}},
    "the id of a group, written as such": {"groups": {TARGET: ["id:g-glass"]}},
    "the kind and name of a group": {"groups": {TARGET: ["kind:vault:Break Glass"]}},
    "a condition over the account": {"accounts_where": {TARGET: "kind = 'service' and record_state = 'active'"}},
    "a pattern of anchors": {"people": ["a*"]},
    "an anchor with outer spaces": {"people": [" ann "]},
    "a condition over the identity": {"people_where": "dept = 'sales' and anchor <> 'bob'"},
}
VALUES: Mapping[str, Value] = {
    "secondEmail": "ann.private@y",
    "emails.home": "ann@home",
    "emails.other": "zo\u00eb@y",
    "kind": "service",
}


def world_of(here: Office) -> None:
    """Ann, who leaves, and Bob, whose title changes; Ann's account has further addresses, a kind and a group."""
    target = here.bench.target
    account = target.accounts["acc-ann"]
    target.accounts["acc-ann"] = replace(account, attributes={**account.attributes, **VALUES})
    target.entitlements["g-glass"] = replace_name(target.entitlements["g-chess"], "g-glass", "Break Glass")
    target.members.add(("acc-ann", "g-glass"))


def replace_name(entitlement: Any, id_: str, name: str) -> Any:
    return entitlement._replace(id=id_, name=name, type="vault")


def protect(here: Office, **protected: Any) -> None:
    here.bench.world = replace(here.bench.world, protected=protected)


def leaving(here: Office, **protected: Any) -> Plan:
    """The plan of the day on which Ann leaves and Bob gets another name."""
    world_of(here)
    here.night()
    here.hr(person("ann", status="left"), person("bob", name="Robert"))
    protect(here, **protected)
    return here.plan(days(1))


def test_every_form_of_an_entry_keeps_the_account_out_of_the_plan(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), person("bob"), accounts={"ann": "active", "bob": "active"}) as here:
        leaving(here)
        for form, protected in FORMS.items():
            protect(here, **protected)
            plan = here.bench.plan()
            assert {each.anchor for each in plan.operations} == {"bob"}, form
            (told,) = found(plan, FindingKind.PROTECTED)
            assert told.message.startswith("ann@x is protected; without that, the plan would deactivate the account"), form
            assert found(plan, FindingKind.PROTECTED_ENTRY) == [], form


def test_every_form_of_an_entry_holds_a_plan_of_before(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), person("bob"), accounts={"ann": "active", "bob": "active"}) as here:
        plan = leaving(here)
        about_ann = {each.id for each in plan.operations if each.anchor == "ann"}
        assert about_ann
        for form, protected in FORMS.items():
            protect(here, **protected)
            for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
                held = {each.operation_id: each.detail for each in outcomes if each.kind is OutcomeKind.HELD}
                assert held.keys() == about_ann, form
                assert all(detail.startswith("protected: ") for detail in held.values()), form
            assert here.state("ann") == "active", form


def test_member_who_joined_a_protected_group_after_the_snapshot_is_held(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        world_of(here)
        here.bench.target.members.clear()
        here.night()
        here.hr(person("ann", status="left"))
        protect(here, groups={TARGET: ["Break Glass"]})
        plan = here.plan(days(1))
        assert plan.operations
        here.bench.target.members.add(("acc-ann", "g-glass"))
        for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
            assert {(each.kind, each.detail) for each in outcomes} == {
                (OutcomeKind.HELD, "protected: it is in the group Break Glass, which is listed under groups of app")
            }


@pytest.mark.parametrize(("error", "kind"), [(NotFound("gone"), OutcomeKind.DONE), (Unreachable("no answer"), OutcomeKind.FAILED)])
def test_nothing_is_sent_while_a_protected_group_cannot_be_read(tmp_path: Path, error: Exception, kind: OutcomeKind) -> None:
    """A group that is gone protects nobody; one that cannot be read may protect the account."""
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        world_of(here)
        here.bench.target.members.clear()
        here.night()
        here.hr(person("ann", status="left"))
        protect(here, groups={TARGET: ["Break Glass"]})
        plan = here.plan(days(1))
        plan = replace(plan, operations=tuple(each for each in plan.operations if each.verb == "deactivate"))
        real = here.bench.target.has_member

        async def has_member(entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
            if entitlement_id == "g-glass":
                raise error
            return await real(entitlement_id, account_id, directly=directly)

        here.bench.target.has_member = has_member  # type: ignore[method-assign]
        (outcome,) = here.bench.apply(plan)
        assert outcome.kind is kind


def test_account_that_meets_the_condition_after_the_snapshot_is_held(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        here.night()
        here.hr(person("ann", status="left"))
        protect(here, accounts_where={TARGET: "kind = 'service'"})
        plan = here.plan(days(1))
        account = here.account("ann")
        here.bench.target.accounts[account.id] = replace(account, attributes={**account.attributes, "kind": "service"})
        for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
            assert {(each.kind, each.detail) for each in outcomes} == {(OutcomeKind.HELD, "protected: accounts_where of app holds for it")}


def test_account_of_which_the_condition_cannot_be_computed_is_held(tmp_path: Path) -> None:
    """Whether it is protected is not known, and nothing is sent."""
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        here.night()
        here.hr(person("ann", status="left"))
        protect(here, accounts_where={TARGET: "coalesce(kind, '0')::integer > 4"})
        plan = here.plan(days(1))
        account = here.account("ann")
        here.bench.target.accounts[account.id] = replace(account, attributes={**account.attributes, "kind": "service"})
        for outcomes in (here.bench.preview(plan), here.bench.apply(plan)):
            assert {each.kind for each in outcomes} == {OutcomeKind.HELD}
            assert all("whether accounts_where of app holds for it cannot be computed" in each.detail for each in outcomes)


UNMATCHED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a typing mistake": (
        {"accounts": {TARGET: ["breakglas@x"]}},
        (
            "protected.accounts.app: 'breakglas@x' matches no account of app and no person, so it protects nothing. "
            "Correct the entry or remove it; did you mean 'breakglass@x'?"
        ),
    ),
    "a pattern": (
        {"accounts": {TARGET: ["svc-*@x"]}},
        "protected.accounts.app: 'svc-*@x' matches no account of app and no person, so it protects nothing. Correct the entry or remove it.",
    ),
    "lost zeros": (
        {"people": ["7001"]},
        "protected.people: '7001' is no person's anchor, so it protects nothing. Correct the entry or remove it; did you mean '0007001'?",
    ),
    "an unknown anchor": (
        {"people": ["nobody-at-all"]},
        "protected.people: 'nobody-at-all' is no person's anchor, so it protects nothing. Correct the entry or remove it.",
    ),
    "a group": (
        {"groups": {TARGET: ["Brake Glass"]}},
        "protected.groups.app: 'Brake Glass' is no group of app, so it protects nothing. Correct the entry or remove it; did you mean 'Break Glass'?",
    ),
    "an empty group": (
        {"groups": {TARGET: ["chess club"]}},
        "protected.groups.app: 'chess club' is a group of app without members, so it protects nothing. Correct the entry or remove it.",
    ),
    "a condition over the identity": (
        {"people_where": "dept = 'board'"},
        "protected.people_where: \"dept = 'board'\" holds for no person, so it protects nothing. Correct the entry or remove it.",
    ),
    "a condition over the account": (
        {"accounts_where": {TARGET: "kind = 'robot'"}},
        "protected.accounts_where.app: \"kind = 'robot'\" holds for no account of app, so it protects nothing. Correct the entry or remove it.",
    ),
}


def silent_office(folder: Path) -> Any:
    people = (person("ann"), person("0007001", mail="kim@x"))
    return office(folder, *people, accounts={"ann": "active", "breakglass": "active"})


def entries(here: Office, **protected: Any) -> list[Finding]:
    """What is said of the entries in a plan of what was read."""
    protect(here, **protected)
    return found(here.bench.plan(), FindingKind.PROTECTED_ENTRY)


def test_entry_without_effect_is_reported_in_every_plan(tmp_path: Path) -> None:
    with silent_office(tmp_path) as here:
        world_of(here)
        for _ in range(2):
            here.bench.extract()
            for entry, (protected, sentence) in UNMATCHED.items():
                (told,) = entries(here, **protected)
                assert (told.severity, told.message) == (Severity.ATTENTION, sentence), entry


@pytest.mark.parametrize(
    ("protected", "broken", "system"),
    [
        ({"accounts": {TARGET: ["svc-*@x"]}}, "accounts", "app"),
        ({"accounts": {TARGET: ["svc-*@x"]}}, "hr", "hr"),
        ({"people": ["7001"]}, "hr", "hr"),
        ({"groups": {TARGET: ["Brake Glass"]}}, "entitlements", "app"),
        ({"groups": {TARGET: ["chess club"]}}, "members g-chess", "app"),
    ],
)
def test_an_entry_is_only_noted_while_what_it_may_match_was_not_read(
    tmp_path: Path, protected: Mapping[str, Any], broken: str, system: str
) -> None:
    with silent_office(tmp_path) as here:
        here.bench.world = replace(here.bench.world, broken=frozenset({broken}))
        here.bench.break_off()
        world_of(here)
        here.bench.extract()
        (told,) = entries(here, **protected)
        assert told.severity is Severity.NOTE
        assert told.message.endswith(f"has no match so far, and that could not be checked: {system} was not read completely.")


PRESENT: Mapping[str, Mapping[str, Any]] = {
    "the address of a person without an account": {"accounts": {TARGET: ["KIM@x"]}},
    "a pattern of it": {"accounts": {TARGET: ["k?m@*"]}},
    "an anchor": {"people": ["0007001"]},
    "the anchor of a row that cannot be used": {"people": ["bad-row"]},
}


def test_entry_for_a_present_person_is_not_reported(tmp_path: Path) -> None:
    people = (person("ann"), person("0007001", mail="kim@x"), person("bad-row", status="???"))
    with office(tmp_path, *people, accounts={"ann": "active"}) as here:
        world_of(here)
        here.bench.extract()
        for entry, protected in PRESENT.items():
            assert entries(here, **protected) == [], entry


def test_entry_for_a_person_missing_from_the_source_is_not_reported(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), person("bob"), accounts={"ann": "active", "bob": "active"}) as here:
        here.night()
        here.hr(person("bob"))
        protect(here, people=["ann"])
        assert found(here.plan(days(1)), FindingKind.PROTECTED_ENTRY) == []


@pytest.mark.parametrize(
    ("entry", "name", "matches"),
    [
        ("svc-*", "svc-", True),
        ("svc-?", "svc-", False),
        ("a.c", "abc", False),
        ("a[bc]", "ab", False),
        ("a*", "a\nb", True),
        ("(a*", "(ab", True),
        ("*", "", False),
        ("a*a[*b", "aXa[Yb", True),
        ("*a*a*a*a*a*a*a*a*a*a*a*a*b", "a" * 200, False),
    ],
)
def test_only_star_and_question_mark_are_special_in_a_pattern(entry: str, name: str, *, matches: bool) -> None:
    assert (first_match(frozenset({entry}), [name]) is not None) is matches


def test_the_condition_of_another_target_is_not_asked(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        protect(here, accounts_where={TARGET: "kind = 'service'"})
        here.plan()
        condition = here.bench.protection().condition
        record = Record("1", here.bench.target.accounts["acc-ann"].state, "", '{"kind": "service"}')
        assert condition(TARGET, record) != ""
        assert condition("wiki", record) == ""


def test_membership_is_asked_only_where_groups_are_protected(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), accounts={"ann": "active"}) as here:
        plan = leaving_alone(here)
        asked: list[str] = []
        real = here.bench.target.has_member

        async def has_member(entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
            asked.append(entitlement_id)
            return await real(entitlement_id, account_id, directly=directly)

        here.bench.target.has_member = has_member  # type: ignore[method-assign]
        here.bench.apply(replace(plan, operations=tuple(each for each in plan.operations if each.verb == "deactivate")))
        assert asked == []


def leaving_alone(here: Office) -> Plan:
    here.night()
    here.hr(person("ann", status="left"))
    return here.plan(days(1))


def test_a_protected_name_that_a_person_would_get_is_told_as_that_and_not_as_theirs(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), person("bob"), accounts={"ann": "active"}) as here:
        world_of(here)
        here.night()
        here.hr(person("cleo", mail="svc-fax@x"))
        protect(here, accounts={"app": ["svc-*@x"]})
        told = {each.anchor: each.message for each in found(here.plan(days(1)), FindingKind.PROTECTED)}
        said = "Cleo (cleo) would get a name that is protected: svc-fax@x (by svc-*@x) is listed under accounts of app"
        assert told == {"cleo": f"{said}; without that, the plan would create the account."}

"""Groups that settings name (`[protected]`, `guards.admins`) and that are renamed in their system."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconcile.decide.protection.groups import group_entries
from reconcile.plan.model import FindingKind, OutcomeKind, Severity
from reconcile.project.config import Reading
from reconcile.project.limits import Admins, Guards
from tests.support.companies.office import Office, days, found, office, person
from tests.support.companies.targets import Company, give_account, group, mapping, target
from tests.support.companies.world import TARGET

FORMS = ("Vault", "va*", "kind:safe:Vault")


def put(here: Office, id_: str, name: str, *members: str) -> None:
    here.bench.target.entitlements[id_] = group(id_, name, kind="safe")
    here.bench.target.members |= {(f"acc-{member}", id_) for member in members}


def protect(here: Office, *entries: str) -> None:
    here.bench.world = replace(here.bench.world, protected={"groups": {TARGET: list(entries)}})


@pytest.fixture
def here(tmp_path: Path):
    with office(tmp_path, person("ann"), person("bob"), accounts={"ann": "active", "bob": "active"}) as made:
        put(made, "g-vault", "Vault", "ann")
        made.night()
        made.hr(person("ann", status="left"), person("bob", status="left"))
        yield made


@pytest.mark.parametrize("entry", FORMS)
def test_member_of_a_renamed_group_stays_protected_and_the_finding_names_the_entry(here: Office, entry: str) -> None:
    protect(here, entry)
    put(here, "g-vault", "Strongroom")
    plan = here.plan(days(1))
    assert {each.anchor for each in plan.operations} == {"bob"}
    (told,) = found(plan, FindingKind.PROTECTED_ENTRY)
    assert told.severity is Severity.ATTENTION
    assert told.message == (
        f"protected.groups.{TARGET}: {entry!r} is no name of every group that it protects: 'Strongroom' (g-vault) was named 'Vault' before. "
        "The members stay protected. Change the entry to the new name, or to the ids of the groups that are meant."
    )


def test_members_of_both_are_protected_where_another_group_has_the_name_by_now(here: Office) -> None:
    protect(here, "Vault")
    put(here, "g-vault", "Strongroom")
    put(here, "g-other", "Vault", "bob")
    plan = here.plan(days(1))
    assert plan.operations == ()
    assert len(found(plan, FindingKind.PROTECTED_ENTRY)) == 1


@pytest.mark.parametrize("entry", ["Strongroom", "g-vault", "id:g-vault"])
def test_entry_that_was_changed_protects_without_a_finding(here: Office, entry: str) -> None:
    protect(here, entry)
    put(here, "g-vault", "Strongroom")
    plan = here.plan(days(1))
    assert {each.anchor for each in plan.operations} == {"bob"}
    assert found(plan, FindingKind.PROTECTED_ENTRY) == []


def test_id_of_the_group_that_is_meant_ends_the_protection_by_the_former_name(here: Office) -> None:
    protect(here, "g-other")
    put(here, "g-vault", "Strongroom")
    put(here, "g-other", "Vault", "bob")
    assert {each.anchor for each in here.plan(days(1)).operations} == {"ann"}


def test_plan_of_before_the_entry_is_held_for_members_of_the_renamed_group(here: Office) -> None:
    put(here, "g-vault", "Strongroom")
    plan = here.plan(days(1))
    about_ann = {each.id for each in plan.operations if each.anchor == "ann"}
    protect(here, "Vault")
    held = {each.operation_id for each in here.bench.apply(plan) if each.kind is OutcomeKind.HELD}
    assert held == about_ann
    assert here.state("ann") == "active"


def test_deleted_group_protects_no_person_and_its_entry_is_reported(here: Office) -> None:
    protect(here, "Vault")
    del here.bench.target.entitlements["g-vault"]
    here.bench.target.members = {each for each in here.bench.target.members if each[1] != "g-vault"}
    plan = here.plan(days(1))
    assert {each.anchor for each in plan.operations} == {"ann", "bob"}
    assert "is no group of" in found(plan, FindingKind.PROTECTED_ENTRY)[0].message


def test_group_that_is_renamed_back_is_protected_without_a_finding(here: Office) -> None:
    protect(here, "Vault")
    put(here, "g-vault", "Strongroom")
    here.plan(days(1))
    put(here, "g-vault", "Vault")
    assert found(here.plan(days(2)), FindingKind.PROTECTED_ENTRY) == []


def company_with_admins(folder: Path) -> Company:
    there = target("app", group("root", "admins"))
    made = Company(folder, [there], [mapping()], guards=Guards(admins={"app": Admins(group="admins", at_least=2)}))
    for name in ("ann", "bob"):
        made.hire(name)
        give_account(there, name, "root")
    made.night()
    made.people["ann"]["status"] = "left"
    return made


def admins_refusals(made: Company) -> list[str]:
    made.targets[0].entitlements["root"] = group("root", "owners")
    return [each.message for each in made.plan().verdicts if each.guard == "app.admins" and not each.passed]


def test_guard_of_admins_follows_the_renamed_group(tmp_path: Path) -> None:
    (refusal,) = admins_refusals(company_with_admins(tmp_path))
    assert "1 of the 2 working members of admins (named 'owners' by now) would be left" in refusal


def test_guard_of_admins_means_the_group_that_has_its_name_by_now(tmp_path: Path) -> None:
    made = company_with_admins(tmp_path)
    made.targets[0].entitlements["other"] = group("other", "admins")
    assert admins_refusals(made) == []


def test_group_names_of_another_system_protect_no_person(tmp_path: Path) -> None:
    made = company_with_admins(tmp_path)
    made.targets[0].entitlements["root"] = group("root", "owners")
    made.read()
    with made.store() as store:
        assert group_entries(store, "app", ["admins"])[0].protects == {"root": "owners, formerly admins"}
        number = store.value("latest_number", system="app")
        store.do("rebind_system", system="app", id="another", address="", since=number, known_accounts=True)
        assert group_entries(store, "app", ["admins"])[0].protects == {}


@pytest.mark.parametrize("name", ["admins", "kind:team:admins"])
def test_read_that_lacks_the_group_of_always_members_says_how_it_is_named_by_now(tmp_path: Path, name: str) -> None:
    made = Company(tmp_path, [target("app", group("root", "admins", kind="team"))], [mapping()])
    made.read()
    made.reading = Reading(always_members={name: ("ann",)})
    made.targets[0].entitlements["root"] = group("root", "owners", kind="team")
    reasons = [each.reason for each in made.plan().scopes if each.system == "app" and not each.complete]
    assert reasons == [f"the group {name!r}, which reading.app.always_members names, is named 'owners' (root) by now; change the setting"]

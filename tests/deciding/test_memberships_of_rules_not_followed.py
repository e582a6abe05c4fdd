"""A rule that cannot be evaluated grants nothing, and ends nothing that it gave: a name that is not there is never "no members"."""

import pytest

from tests.support.companies.targets import Company, done, give_account, group, mapping, target

SALES = {"sales": {"group": "sales", "when": "dept = 'sales'"}}
TEAMS = {"teams": {"group_expression": "dept"}}


def office(tmp_path, rules) -> Company:
    """Ann is in sales and Bob in law, as the rules gave it."""
    made = Company(tmp_path, [target("app", group("g1", "sales"), group("g2", "law"))], [mapping(groups=rules)])
    for name, dept in (("ann", "sales"), ("bob", "law")):
        made.hire(name, dept)
        give_account(made.targets[0], name)
    made.night()
    return made


def rename(made: Company, id_: str, name: str) -> None:
    entitlements = made.targets[0].entitlements
    entitlements[id_] = entitlements[id_]._replace(name=name)


@pytest.mark.parametrize("mistake", ["the rule is misspelt", "the group was renamed", "there are two of that name now"])
def test_what_a_rule_gave_stays_while_its_group_is_not_known(tmp_path, mistake):
    made = office(tmp_path, SALES)
    match mistake:
        case "the rule is misspelt":
            made.mappings = [mapping(groups={"sales": {**SALES["sales"], "group": "slaes"}})]
        case "the group was renamed":
            rename(made, "g1", "Sales EMEA")
        case _:
            made.targets[0].entitlements["g9"] = group("g9", "sales")
    assert done(made.plan()) == []


def test_leaver_loses_it(tmp_path):
    made = office(tmp_path, SALES)
    rename(made, "g1", "Sales EMEA")
    made.people["ann"]["status"] = "left"
    assert done(made.plan()) == ["remove_member ann Sales EMEA", "deactivate ann"]


def test_what_another_rule_gave_is_taken_as_ever(tmp_path):
    made = office(tmp_path, {**SALES, "law": {"group": "law", "when": "dept = 'law'"}})
    rename(made, "g1", "Sales EMEA")
    made.people["bob"]["dept"] = ""
    assert done(made.plan()) == ["remove_member bob law"]


def test_person_with_a_name_of_no_group_keeps_the_membership_and_others_move(tmp_path):
    made = office(tmp_path, TEAMS)
    made.people["ann"]["dept"] = "sales EMEA"
    made.people["bob"]["dept"] = "sales"
    assert done(made.plan()) == ["add_member bob sales", "remove_member bob law"]


def test_a_rule_that_is_not_there_any_more_gives_nothing(tmp_path):
    made = office(tmp_path, SALES)
    made.mappings = [mapping()]
    assert done(made.plan()) == ["remove_member ann sales"]


def managed(made: Company, rules) -> list[str]:
    made.mappings = [mapping(groups=rules, fully_managed=["sales", "law"])]
    return done(made.plan())


def test_fully_managed_group_keeps_a_person_whose_computed_name_is_no_group(tmp_path):
    made = office(tmp_path, {})
    made.targets[0].members = {("app-ann", "g1"), ("app-bob", "g2")}
    made.people["ann"]["dept"] = "sales EMEA"
    made.people["bob"]["dept"] = "sales"
    assert managed(made, TEAMS) == ["add_member bob sales", "remove_member bob law"]


def test_leaver_leaves_a_fully_managed_group_as_its_last_member(tmp_path):
    made = office(tmp_path, {})
    made.targets[0].members = {("app-ann", "g1")}
    made.people["ann"]["status"] = "left"
    assert managed(made, SALES) == ["remove_member ann sales", "deactivate ann"]


def test_group_named_only_by_a_computed_rule_is_emptied_when_all_people_have_left_it(tmp_path):
    made = office(tmp_path, {})
    made.targets[0].members = {("app-ann", "g1"), ("app-bob", "g1")}
    made.people["ann"]["dept"] = made.people["bob"]["dept"] = "law"
    assert managed(made, TEAMS)[-2:] == ["remove_member ann sales", "remove_member bob sales"]


@pytest.mark.parametrize("members", [3, 300])
def test_guard_refuses_to_empty_a_large_group_and_lets_a_small_one_go(tmp_path, members):
    made = office(tmp_path, {})
    for number in range(members):
        made.hire(f"p{number}")
        give_account(made.targets[0], f"p{number}", "g1")
    made.mappings = [mapping(groups=SALES, fully_managed=["sales"])]
    made.people["ann"]["dept"] = "law"
    plan = made.plan()
    assert len(done(plan)) == members
    assert [verdict.guard for verdict in plan.verdicts if not verdict.passed] == (["app.groups.remove_member"] if members > 10 else [])

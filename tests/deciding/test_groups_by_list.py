"""An expression that gives a list of names grants each of the groups, and never one that is named like the list."""

import pytest

from tests.support.companies.targets import Company, done, give_account, group, load_mappings_of, mapping, said, target

LISTED = {"listed": {"group_expression": "string_split(title, ',')"}}
MADE = {"listed": {"group_expression": "string_split(title, ',')", "create": True}}


@pytest.fixture
def company(tmp_path):
    def make(rules=LISTED, fully_managed=(), **cells):
        there = target("app", group("s", "sales"), group("v", "vpn"), group("x", "[sales, vpn]"))
        made = Company(tmp_path, [there], [mapping(groups=rules, fully_managed=list(fully_managed))])
        for name, cell in cells.items():
            made.hire(name, title=cell)
            give_account(there, name)
        return made

    return make


def test_each_name_of_the_list_is_a_group(company):
    assert done(company(ann="sales,vpn", bob="vpn").plan()) == ["add_member ann sales", "add_member ann vpn", "add_member bob vpn"]


@pytest.mark.parametrize("cell", ["vpn, vpn ,\tvpn", " vpn,,", ",vpn\u00a0"])
def test_names_are_trimmed_and_empty_ones_and_repeats_count_for_nothing(company, cell):
    assert done(company(ann=cell, bob="sales").plan()) == ["add_member ann vpn", "add_member bob sales"]


@pytest.mark.parametrize("cell", ["", " ", ",,"])
def test_empty_list_grants_nothing_and_takes_what_the_list_gave(company, cell):
    made = company(ann="sales,vpn", bob="vpn")
    made.night()
    made.people["ann"]["title"] = cell
    assert done(made.night()) == ["remove_member ann sales", "remove_member ann vpn"]


def test_name_that_leaves_the_list_is_taken_and_the_others_stay(company):
    made = company(ann="sales,vpn")
    made.night()
    made.people["ann"]["title"] = "vpn"
    assert done(made.plan()) == ["remove_member ann sales"]


def test_fully_managed_group_loses_members_whose_list_lacks_it(company):
    made = company(fully_managed=["vpn"], ann="vpn", bob="sales")
    made.targets[0].members.add(("app-bob", "v"))
    assert done(made.plan()) == ["add_member ann vpn", "add_member bob sales", "remove_member bob vpn"]


def test_groups_of_the_list_that_are_not_there_are_made_once(company):
    plan = company(MADE, ann="sales,ops", bob="ops,dev").plan()
    assert sorted(done(plan)) == [
        "add_member ann ops",
        "add_member ann sales",
        "add_member bob dev",
        "add_member bob ops",
        "create_group dev",
        "create_group ops",
    ]


def test_unknown_name_of_a_list_keeps_what_the_person_has_and_gives_the_rest(company):
    made = company(ann="sales")
    made.night()
    made.people["ann"]["title"] = "vpn,nowhere"
    plan = made.plan()
    assert done(plan) == ["add_member ann vpn"]
    assert any("there is no group 'nowhere'" in each for each in said(plan, "entitlement_unknown"))


def test_list_without_a_result_for_any_person_removes_nothing(company):
    made = company(ann="sales,vpn")
    made.night()
    made.mappings = [mapping(groups={"listed": {"group_expression": "string_split(NULL::VARCHAR, ',')"}})]
    plan = made.plan()
    assert done(plan) == []
    assert any("has no result for any person" in each for each in said(plan))


@pytest.mark.parametrize("text", ["string_split(title, ',')::VARCHAR", "to_json(string_split(title, ','))::VARCHAR"])
def test_no_group_is_made_that_is_named_like_a_list(company, text):
    made = company({"listed": {"group_expression": text, "create": True}}, ann="ops,dev")
    plan = made.plan()
    assert done(plan) == []
    assert any("is the text of a list: give the list itself, or split the text" in each for each in said(plan, "entitlement_unknown"))


def test_list_may_rest_on_a_group_of_another_system(tmp_path):
    okta, app = target("okta", group("e", "staff")), target("app", group("s", "sales"), group("v", "vpn"))
    rules = {"listed": {**LISTED["listed"], "if_member_of": {"okta": ["staff"]}}}
    made = Company(tmp_path, [okta, app], [mapping("okta"), mapping("app", groups=rules)])
    for name, held in (("ann", ["e"]), ("bob", [])):
        made.hire(name, title="sales,vpn")
        give_account(okta, name, *held)
        give_account(app, name)
    assert done(made.plan()) == ["add_member ann sales", "add_member ann vpn"]


@pytest.mark.parametrize(
    "text", ["[length(name)]", "[[name]]", "{'a': name}", "map([name], [name])", "name = 'sales'", "encode(name)", "name::bit"]
)
def test_anything_but_a_name_or_a_list_of_names_is_a_mistake_with_its_line(tmp_path, text):
    (problem,) = load_mappings_of(tmp_path, app=f'[groups.listed]\ngroup_expression = "{text}"')
    assert "app.toml:4: groups.listed.group_expression: gives" in problem
    assert "a name or a list of names is expected" in problem

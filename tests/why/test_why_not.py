"""Where something stays that should change, `why` says the reason: below only where one follows."""

import pytest

from connectors.contract import Scope, ScopeKind
from reconcile.usecases.why import explanation_of
from tests.support.companies.targets import DAY, Company, give_account, group, mapping, target

SALES = {"sales": {"group": "sales", "when": "nullif(dept, '') = 'sales'"}}


@pytest.fixture
def office(tmp_path):
    """Ann is in sales, as a rule gave it."""
    made = Company(tmp_path, [target("app", group("g1", "sales"), group("g2", "law"))], [mapping(groups=SALES)])
    for name, dept in (("ann", "sales"), ("bob", "law")):
        made.hire(name, dept)
        give_account(made.targets[0], name)
    made.night()
    return made


def verdicts(made: Company, who: str, name: str = "app") -> dict[str, str]:
    """What is said of each membership; asserts that a reason follows where one is promised."""
    made.read()
    with made.store() as store:
        found = explanation_of(made.planner(), store, DAY, f"no-{who}")
    (of_target,) = [each for each in found.targets if each.target == name]
    said = {each.entitlement: each.verdict for each in of_target.memberships}
    told = [*said.values(), *(each.verdict for each in of_target.attributes)]
    assert of_target.findings or found.findings or not any("below" in each for each in told)
    return said


def test_a_rule_without_a_result_is_named(office):
    for person in office.people.values():
        person["dept"] = ""
    assert verdicts(office, "ann") == {"sales": "stays although no rule grants it: groups.sales, which may, cannot be evaluated"}
    messages = [each.message for each in office.plan().findings]
    assert any("No active person gains anything by it in app, and removals from them are left out." in each for each in messages)


def test_so_is_one_that_names_no_group(office):
    office.mappings = [mapping(groups={"sales": {**SALES["sales"], "group": "slaes"}})]
    assert verdicts(office, "ann") == {"sales": "stays although no rule grants it: groups.sales, which may, cannot be evaluated"}


def test_so_is_one_that_computes_the_name_of_no_group_for_this_person(office):
    office.mappings = [mapping(groups={"teams": {"group_expression": "dept"}}, fully_managed=["sales", "law"])]
    office.people["ann"]["dept"] = "sales EMEA"
    assert verdicts(office, "ann") == {"sales": "stays although no rule grants it: groups.teams, which may, cannot be evaluated"}


def test_what_depends_on_another_system_is_not_yet_known(tmp_path):
    okta, app = target("okta", group("e", "eng")), target("app", group("w", "editors"))
    wiki = {"wiki": {"group": "editors", "if_member_of": {"okta": ["eng"]}}}
    made = Company(tmp_path, [okta, app], [mapping("okta"), mapping("app", groups=wiki)])
    made.hire("ann")
    for each in made.targets:
        give_account(each, "ann")
    okta.members.add(("okta-ann", "e"))
    made.night()
    okta.broken = {Scope(ScopeKind.MEMBERS, "e"): "the connection was lost."}
    assert verdicts(made, "ann") == {"editors": "stays: it cannot be said yet whether a rule grants it"}


def test_of_a_frozen_person_no_reason_is_promised_below(tmp_path):
    okta, wiki = target("okta", group("s", "staff")), target("wiki", group("g", "pages"))
    rules = {"pages": {"group": "pages", "when": "dept = 'sales'"}}
    asked = mapping("wiki", groups=rules, if_member_of={"okta": ["staff"]}, attributes={"login": "name", "title": "title"})
    made = Company(tmp_path, [okta, wiki], [mapping("okta"), asked])
    made.hire("ann", "sales", title="Cook")
    for each in made.targets:
        give_account(each, "ann")
    okta.members.add(("okta-ann", "s"))
    made.night()
    okta.broken = {Scope(ScopeKind.MEMBERS, "s"): "the connection was lost."}
    made.people["ann"] |= {"dept": "law", "title": "Chef"}
    assert verdicts(made, "ann", "wiki") == {"pages": "stays although no rule grants it: everything of the person is frozen"}

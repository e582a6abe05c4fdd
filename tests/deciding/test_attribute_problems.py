"""A problem of one attribute concerns that attribute alone: everything else about the person goes on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from connectors.scim.dialect import dialect_of
from connectors.scim.names import never_set
from mappings.problems import BadConfiguration
from reconcile.decide.uniqueness.wait_graph import WaitForGraph
from reconcile.plan.model import FindingKind, Verb
from tests.support.companies import engine
from tests.support.companies.columns import world
from tests.support.companies.engine import lab

FIXED = {"expression": "mail", "immutable": True}


def _planned(tmp_path, *world_of, **rest):
    with lab(world(*world_of, **rest), tmp_path) as bench:
        bench.extract()
        return bench.plan()


def _company(count, domain="old.example"):
    """People whose logins are of one domain, with an account each."""
    people = {f"p{number}": {"mail": f"n{number}@new.example", "title": "Cook"} for number in range(count)}
    accounts = {anchor: {"login": f"n{anchor[1:]}@{domain}", "title": "Waiter"} for anchor in people}
    return people, accounts, {"login": FIXED, "title": "title"}


def test_new_domain_is_one_finding_with_count_sample_and_pattern(tmp_path):
    plan = _planned(tmp_path, *_company(5))
    (finding,) = plan.findings
    assert finding.kind is FindingKind.IMMUTABLE
    for words in ("login of 5 people", "@old.example to @new.example", "p0 (p0), p1 (p1), p2 (p2) and 2 more"):
        assert words in finding.message
    assert [sorted(each.after) for each in plan.operations] == [["title"]] * 5


def test_new_domain_of_few_people_is_a_finding_for_each(tmp_path):
    assert sorted(each.anchor for each in _planned(tmp_path, *_company(4)).findings) == ["p0", "p1", "p2", "p3"]


def test_other_changes_of_a_login_are_told_one_by_one_beside_a_new_domain(tmp_path):
    people, accounts, attributes = _company(6)
    accounts["p0"]["login"] = "married@old.example"
    plan = _planned(tmp_path, people, accounts, attributes)
    assert sorted(each.anchor for each in plan.findings) == ["", "p0"]


def test_account_that_is_only_proposed_as_somebodys_is_not_said_to_go_on(tmp_path):
    number = {"account": "no", "identity": "anchor"}
    people, accounts = {"7": {"mail": "new@x", "title": "Cook"}}, {"7": {"login": "old@x", "no": "7"}}
    proposed = world(people, accounts, {"login": FIXED, "title": "title"})
    proposed = replace(proposed, links={}, mapping={**proposed.mapping, "correlate": [number]})
    with lab(proposed, tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
    assert [each.kind for each in plan.findings] == [FindingKind.LINK_PROPOSED]
    assert plan.operations == ()


def test_immutable_attribute_that_an_account_never_had_is_said_to_be_unset(tmp_path):
    plan = _planned(
        tmp_path,
        {"7": {"mail": "new@x", "badge": "B7"}},
        {"7": {"login": "new@x"}},
        {"login": FIXED, "badge": {"expression": "badge", "immutable": True}},
    )
    assert [each.message.partition(";")[0] for each in plan.findings] == ["7 (7): badge is not set and should be 'B7'"]


def test_findings_about_an_attribute_of_an_account_name_its_login(tmp_path):
    rules = {"login": "login", "mail": {"expression": "mail", "unique": True}, "title": {"expression": "title", "required": True}}
    people = {"1": {"login": "a@x", "mail": "two@x", "title": "Cook"}, "2": {"login": "b@x", "mail": "two@x", "title": None}}
    plan = _planned(
        tmp_path, people, {"1": {"login": "a@x", "mail": "one@x"}, "2": {"login": "b@x", "mail": "two@x", "title": "Cook"}}, rules
    )
    assert {(each.kind, each.anchor, each.who) for each in plan.findings} == {
        (FindingKind.NOT_UNIQUE, "1", "a@x"),
        (FindingKind.NOT_UNIQUE, "2", "b@x"),
        (FindingKind.REQUIRED, "2", "b@x"),
    }


def test_why_says_of_each_of_many_people_that_the_login_stays(tmp_path):
    with lab(world(*_company(5)), tmp_path) as bench:
        bench.extract()
        told = {each.name: each.verdict for each in bench.why("p3").targets[0].attributes}
    assert told["login"] == "differs, and stays: it is immutable. Everything else goes on"
    assert told["title"] == "changes"


def test_person_behind_a_ring_takes_the_value_that_is_given_up(tmp_path):
    """Ann and Ben exchange nicknames, which nothing opens; Cem takes the badge that Ann gives up."""
    people = {
        "ann": {"login": "ann", "nick": "b", "badge": "3"},
        "ben": {"login": "ben", "nick": "a", "badge": "2"},
        "cem": {"login": "cem", "nick": "c", "badge": "1"},
    }
    accounts = {
        "ann": {"login": "ann", "nick": "a", "badge": "1"},
        "ben": {"login": "ben", "nick": "b", "badge": "2"},
        "cem": {"login": "cem", "nick": "c", "badge": "9"},
    }
    unique = {name: {"expression": name, "unique": True} for name in ("nick", "badge")}
    plan = _planned(tmp_path, people, accounts, {"login": "login", **unique})
    assert {each.anchor: dict(each.after) for each in plan.operations} == {"ann": {"badge": "3"}, "cem": {"badge": "1"}}
    assert {each.anchor for each in plan.findings} == {"ann", "ben"}
    ann, cem = plan.operations
    assert cem.depends_on == (ann.id,)


def test_one_value_that_is_taken_for_two_attributes_is_one_finding(tmp_path):
    people = {"a": {"mail": "taken@x", "title": "Cook"}}
    accounts = {"a": {"login": "a@x", "mail": "a@x", "title": "Waiter"}, "other": {"login": "taken@x", "mail": "taken@x"}}
    attributes = {"login": {"expression": "mail", "unique": True}, "mail": {"expression": "mail", "unique": True}, "title": "title"}
    plan = _planned(tmp_path, people, accounts, attributes)
    (finding,) = [each for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE]
    assert "login and mail 'taken@x'" in finding.message
    (operation,) = plan.operations
    assert dict(operation.after) == {"title": "Cook"}
    assert operation.because.detail == "title comes from hr: title."


def test_account_for_which_no_candidate_is_free_keeps_its_value_and_everything_else_goes_on(tmp_path):
    people = {"a": {"login": "a", "nick": "x", "title": "Cook"}, "b": {"login": "b", "nick": "x", "title": "Cook"}}
    accounts = {"a": {"login": "a", "nick": "old", "title": "Waiter"}, "other": {"login": "o", "nick": "x"}}
    nick = {"expression": "nick", "unique": True, "otherwise": ["nick"]}
    plan = _planned(tmp_path, people, accounts, {"login": "login", "nick": nick, "title": "title"})
    assert [(each.verb, dict(each.after)) for each in plan.operations] == [(Verb.UPDATE, {"title": "Cook"})]
    assert sorted(each.anchor for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE) == ["a", "b"]


def test_cycle_holds_people_who_wait_for_one_another_and_none_behind_or_between():
    rings = WaitForGraph([("a", "b"), ("b", "a"), ("c", "a"), ("b", "d"), ("d", "e"), ("e", "f"), ("f", "e"), ("g", "h")]).cycles()
    assert rings["a"] == rings["b"]
    assert rings["e"] == rings["f"]
    assert len({rings["a"], rings["c"], rings["d"], rings["e"]}) == 4
    assert "g" not in rings


def test_no_account_is_created_where_no_rule_states_what_the_target_requires(monkeypatch, tmp_path):
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, required=frozenset({"login", "family"})))
    people = {"a": {"login": "a", "title": "Cook"}, "b": {"login": "b", "title": "Cook"}}
    plan = _planned(tmp_path, people, {"a": {"login": "a", "title": "Waiter"}}, {"login": "login", "title": "title"})
    (finding,) = plan.findings
    for words in ("app requires family", "1 account is not created", "attributes.family"):
        assert words in finding.message
    assert [(each.verb, each.anchor) for each in plan.operations] == [(Verb.UPDATE, "a")]


def test_mapping_without_a_rule_for_the_login_is_refused_where_accounts_can_be_created(tmp_path):
    with pytest.raises(BadConfiguration, match=r"attributes\.login"):
        _planned(tmp_path, {"a": {"title": "Cook"}}, {"a": {"login": "a", "title": "Waiter"}}, {"title": "title"})


@pytest.mark.parametrize(
    "name", ["active", "groups", "meta.created", "password", "name", "emails", "phoneNumbers.untyped", "enterprise.manager.value"]
)
def test_mapping_of_an_attribute_that_no_rule_can_set_is_refused_before_anything_is_planned(monkeypatch, tmp_path, name):
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, never_set=never_set))
    with pytest.raises(BadConfiguration, match=rf"attributes\.{re.escape(name)}: {re.escape(name)} "):
        _planned(tmp_path, {"a": {"login": "a", "more": "x"}}, {}, {"login": "login", name: "more"})


@pytest.mark.parametrize(
    "name",
    [
        "userName",
        "name.givenName",
        "emails.work",
        "emails.primary",
        "addresses.work.locality",
        "enterprise.manager",
        "entitlements",
        "urn:x:y:badge",
    ],
)
def test_attribute_that_a_scim_application_may_have_is_left_to_its_answer(name):
    assert never_set(name) == ""


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u2003\u200b", "\u1680", "\u3164", "\ufeff", "\u2028"])
def test_white_space_and_invisible_characters_are_no_value(tmp_path, blank):
    attributes = {"login": "login", "title": {"expression": "title", "required": True}}
    plan = _planned(tmp_path, {"a": {"login": "a", "title": blank}}, {}, attributes)
    assert plan.operations == ()
    assert [each.kind for each in plan.findings] == [FindingKind.REQUIRED]


def test_aws_preset_requires_the_names_that_aws_documents():
    assert dialect_of("aws-iam-identity-center", {}).required == {"userName", "name.givenName", "name.familyName", "displayName"}

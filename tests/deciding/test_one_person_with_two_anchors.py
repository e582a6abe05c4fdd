"""Contractor to employee: two rows are one person where a declared key says so, and their account stays theirs."""

from dataclasses import replace

import pytest

from connectors.contract import AccountState
from connectors.memory.state import MemoryAccount
from reconcile.plan.model import LinkChange
from tests.support.companies.people import account, company, plan_of, planned, row, source, told, world

PERSON = {"person": "person"}
LEFT = {"status": "left", "end": "2026-02-28"}


def changed(plan):
    return [(each.anchor, each.account_id, each.forget) for each in plan.links]


def converted(**employee):
    """Carla was the contractor C1 with the account a1, and is the employee E1 since yesterday."""
    hired = row("E1", "carla@x", person="U1", start="2026-03-01", **employee)
    ended = row("C1", "carla@x", person="U1", dept="Agency", **LEFT)
    return world(
        source("hr", hired, **PERSON),
        source("agency", ended, **PERSON),
        accounts=(account("a1", "carla@x", "C1", dept="Agency"),),
        links={"C1": "a1"},
        members=frozenset({("a1", "g1")}),
        granted=frozenset({("a1", "g1")}),
        mapping={"groups": {"all": {"group": "all"}}},
    )


def test_a_contractor_who_becomes_an_employee_keeps_account_and_groups_and_is_known_by_the_new_anchor(tmp_path):
    with company(converted(), tmp_path) as bench:
        plan = bench.plan()
        assert planned(plan) == [("update", "E1")]
        assert plan.operations[0].after == {"name": "Name E1", "no": "E1"}
        assert changed(plan) == [("C1", "a1", True), ("E1", "a1", False)]
        bench.apply(plan)
        assert bench.links() == {"E1": "a1"}
        assert bench.granted() == {("a1", "g1")}
        bench.extract()
        following = bench.plan()
    assert (following.operations, following.links, told(following)) == ((), (), {})


def test_the_link_changes_say_why(tmp_path):
    plan = plan_of(converted(), tmp_path)
    assert plan.links == (
        LinkChange(target="app", anchor="C1", account_id="a1", because="C1 is one person with Name E1 (E1)", forget=True),
        LinkChange(
            target="app",
            anchor="E1",
            account_id="a1",
            because="C1 is one person with Name E1 (E1); the account is theirs",
            who="carla@x",
            name="Name E1",
        ),
    )


def test_what_the_ended_row_states_only_fills_in_what_the_living_one_does_not(tmp_path):
    held = converted(name=None, dept="Sales")
    first = replace(held, sources=held.sources[::-1], accounts=(account("a1", "carla@x", "C1", name="Former"),))
    after = plan_of(first, tmp_path).operations[0].after
    assert after == {"name": "Name C1", "no": "E1", "dept": "Sales"}


def test_without_the_rule_the_account_of_the_ended_row_is_deactivated_and_the_employee_waits(tmp_path):
    held = converted()
    plain = replace(held, sources=tuple(replace(each, rules={**each.rules, "person": ""}) for each in held.sources))
    plan = plan_of(plain, tmp_path)
    assert planned(plan) == [("remove_member", "C1"), ("deactivate", "C1")]
    assert plan.links == ()
    said = told(plan)
    assert said.keys() == {"E1"}
    assert "`person` in identities.toml" in said["E1"]
    assert "activated again" in said["E1"]


def test_an_account_that_was_deactivated_with_the_contract_is_reactivated_once_person_is_declared(tmp_path):
    with company(converted(), tmp_path) as bench:
        bench.target.accounts["a1"] = replace(bench.target.accounts["a1"], state=AccountState.DEACTIVATED)
        bench.extract()
        plan = bench.plan()
    assert [each for each in planned(plan) if each[0] != "update"] == [("reactivate", "E1")]
    assert changed(plan) == [("C1", "a1", True), ("E1", "a1", False)]


def test_without_the_rule_and_without_an_anchor_on_the_account_the_link_says_whose_end_it_is(tmp_path):
    held = converted()
    keys = {**held.mapping, "correlate": held.mapping["correlate"][1:]}
    plain = replace(held, mapping=keys, sources=tuple(replace(each, rules={**each.rules, "person": ""}) for each in held.sources))
    plan = plan_of(plain, tmp_path)
    assert planned(plan) == [("remove_member", "C1"), ("deactivate", "C1")]
    assert told(plan).keys() == {"E1"}
    assert "`person` in identities.toml" in told(plan)["E1"]


def test_leaver_whose_address_is_not_shared_is_deactivated(tmp_path):
    people = source("hr", row("E1", "other@x")), source("agency", row("C1", "carla@x", **LEFT))
    held = world(*people, accounts=(account("a1", "carla@x", "C1"),), links={"C1": "a1"})
    assert ("deactivate", "C1") in planned(plan_of(held, tmp_path))


def two(first, second, **rest):
    """A person with the row `first` in the HR file and `second` in the agency's, whose account a1 is linked to the second."""
    return world(
        source("hr", first, **PERSON),
        source("agency", second, **PERSON),
        accounts=(account("a1", "c1@x", "C1"),),
        links={"C1": "a1"},
        **rest,
    )


def test_while_the_contract_runs_the_contractor_counts_and_the_future_employee_waits(tmp_path):
    plan = plan_of(two(row("E1", person="U1", start="2026-04-01"), row("C1", person="U1", end="2026-03-31")), tmp_path)
    assert planned(plan) == []
    assert plan.links == ()
    assert told(plan) == {}


def test_between_the_contract_and_the_first_day_the_account_stays_as_it_is(tmp_path):
    plan = plan_of(two(row("E1", person="U1", start="2026-03-05"), row("C1", person="U1", **LEFT)), tmp_path)
    assert planned(plan) == []
    assert "starts later" in told(plan)["E1"]


def test_person_with_both_employments_ended_is_a_leaver(tmp_path):
    plan = plan_of(two(row("E1", person="U1", start="2025-01-01", **LEFT), row("C1", person="U1", **LEFT)), tmp_path)
    assert planned(plan) == [("deactivate", "E1")]


def test_of_two_that_run_the_source_that_stands_first_gives_the_anchor(tmp_path):
    plan = plan_of(two(row("E1", person="U1"), row("C1", person="U1", start="2026-03-01")), tmp_path)
    assert changed(plan) == [("C1", "a1", True), ("E1", "a1", False)]


def test_of_two_in_one_source_the_one_that_has_not_left_gives_the_anchor(tmp_path):
    rows = row("E1", "ann@x", person="U1", **LEFT), row("E2", "ann@x", person="U1", start="2026-03-01")
    held = world(source("hr", *rows, **PERSON), accounts=(account("a1", "ann@x", "E1"),), links={"E1": "a1"})
    plan = plan_of(held, tmp_path)
    assert planned(plan) == [("update", "E2")]
    assert changed(plan) == [("E1", "a1", True), ("E2", "a1", False)]


def test_two_of_one_source_who_have_not_left_are_not_one_person_and_nothing_is_done_about_either(tmp_path):
    rows = row("E1", "ann@x", person="U1", dept="new"), row("E2", "bob@x", person=" U1 ", dept="new")
    held = world(
        source("hr", *rows, **PERSON),
        source("agency", row("C1", "cyd@x", person="U1", **LEFT), **PERSON),
        accounts=(account("a1", "ann@x", "E1"), account("a2", "bob@x", "E2"), account("a3", "cyd@x", "C1")),
        links={"E1": "a1", "E2": "a2", "C1": "a3"},
    )
    plan = plan_of(held, tmp_path)
    assert planned(plan) == []
    assert plan.links == ()
    said = told(plan)
    assert said.keys() == {"E1", "E2", "C1"}
    assert said["E1"] == (
        "A row of hr (E1) states the person key 'U1', as do C1, E2, and two of these have not left one source: "
        "end one of the two there, or correct the key. The person stays as they are."
    )


def test_a_second_number_to_come_in_one_source_waits_until_the_first_has_left(tmp_path):
    rows = row("E1", person="U1", dept="new"), row("E2", person="U1", start="2026-04-01")
    plan = plan_of(world(source("hr", *rows, **PERSON), accounts=(account("a1", "e1@x", "E1"),), links={"E1": "a1"}), tmp_path)
    assert planned(plan) == []
    assert told(plan).keys() == {"E1", "E2"}


def test_anchor_with_two_keys_is_not_merged(tmp_path):
    held = world(
        source("hr", row("E1", person="U1", dept="new"), **PERSON),
        source("agency", row("E1", person="U2"), row("C2", person="U2", **LEFT), **PERSON),
        accounts=(account("a1", "e1@x", "E1"), account("a2", "c2@x", "C2")),
        links={"E1": "a1", "C2": "a2"},
    )
    plan = plan_of(held, tmp_path)
    assert planned(plan) == []
    assert "states the person key 'U1' and another one" in told(plan)["E1"]
    assert "states the person key 'U2', as does E1, and one of these states another key as well" in told(plan)["C2"]


def test_one_person_whose_anchors_are_linked_to_two_accounts_is_asked_about(tmp_path):
    held = two(row("E1", person="U1", dept="new"), row("C1", person="U1", **LEFT), groups=())
    both = replace(held, accounts=(*held.accounts, account("a2", "e1@x", "E1")), links={"C1": "a1", "E1": "a2"})
    plan = plan_of(both, tmp_path)
    assert planned(plan) == []
    assert plan.links == ()
    assert told(plan) == {
        "E1": "Name E1 (E1) is one person with several remembered accounts: c1@x (as C1), e1@x (as E1). "
        "Nothing is done until a reviewer decides which account is theirs."
    }
    assert dict(plan.census[0].situations) == {"AMBIGUOUS": 1}


def test_of_two_remembered_accounts_the_one_that_is_gone_is_forgotten(tmp_path):
    held = two(row("E1", "c1@x", person="U1"), row("C1", person="U1", **LEFT))
    with company(replace(held, links={"C1": "a1", "E1": "gone"}), tmp_path) as bench:
        bench.apply(bench.plan())
        assert bench.links() == {"E1": "a1"}


def test_a_missing_account_stays_missing_under_the_new_anchor(tmp_path):
    held = two(row("E1", person="U1"), row("C1", person="U1", **LEFT))
    with company(replace(held, accounts=()), tmp_path) as bench:
        plan = bench.plan()
        assert planned(plan) == []
        assert "is gone from app" in told(plan)["E1"]
        bench.apply(plan)
        assert bench.links() == {"E1": "a1"}
        assert planned(bench.plan()) == []


def test_the_link_of_a_leaver_whose_account_is_gone_is_forgotten_under_every_anchor(tmp_path):
    held = two(row("E1", person="U1", **LEFT), row("C1", person="U1", **LEFT))
    with company(replace(held, accounts=()), tmp_path) as bench:
        plan = bench.plan()
        assert changed(plan) == [("C1", "a1", True)]
        bench.apply(plan)
        assert bench.links() == {}


@pytest.mark.parametrize(
    ("employee", "contractor"),
    [({"status": "unheard of"}, LEFT), ({"dept": "new"}, {"status": "unheard of"}), ({"dept": "new"}, {**LEFT, "end": "soon"})],
)
def test_a_row_that_cannot_be_used_holds_the_whole_person(tmp_path, employee, contractor):
    plan = plan_of(two(row("E1", person="U1", **employee), row("C1", person="U1", **contractor)), tmp_path)
    assert planned(plan) == []
    assert plan.links == ()
    assert "The person stays as they are." in "".join(told(plan).values())


def test_person_is_protected_by_either_anchor(tmp_path):
    held = two(row("E1", person="U1", dept="new"), row("C1", person="U1", **LEFT))
    for anchor in ("E1", "C1"):
        plan = plan_of(replace(held, protected_people=(anchor,)), tmp_path)
        assert planned(plan) == []
        assert "is protected" in told(plan)["E1"]


def test_an_empty_key_says_nothing(tmp_path):
    held = world(source("hr", row("E1", person=""), row("E2", person="  "), row("E3", person=None), **PERSON))
    assert planned(plan_of(held, tmp_path)) == [("create", "E1"), ("create", "E2"), ("create", "E3")]


def test_the_order_of_rows_and_the_number_of_threads_change_nothing(tmp_path):
    rows = [row(f"E{n}", "ann@x", id=f"r{n}", person="U1", start=f"2026-01-0{n}", **LEFT) for n in range(1, 6)]
    one = world(source("hr", *rows, **PERSON), accounts=(account("a1", "ann@x", "E1"),), links={"E1": "a1"})
    other = replace(one, sources=(replace(one.sources[0], rows=tuple(rows[::-1])),))
    with company(one, tmp_path) as bench:
        plan = bench.plan()
    with company(other, tmp_path) as bench:
        assert bench.plan(threads=2).operations == plan.operations
    assert changed(plan) == [("E1", "a1", True), ("E5", "a1", False)]


def test_which_of_two_accounts_one_person_keeps_is_decided_by_either_anchor(tmp_path):
    for anchor in ("C1", "E1"):
        held = two(row("E1", "c1@x", person="U1"), row("C1", "c1@x", person="U1", **LEFT), link_decisions=((anchor, "a2", "same"),))
        held = replace(held, accounts=(account("a1", "old@x", "C1"), account("a2", "c1@x", "E1")), links={"C1": "a1", "E1": "a2"})
        plan = plan_of(replace(held, link_decisions=()), tmp_path)
        assert "is one person with several remembered accounts" in told(plan)["E1"]
        assert [each.account_id for each in plan.findings[0].candidates] == ["a1", "a2"]
        plan = plan_of(held, tmp_path)
        assert told(plan) == {}
        assert [(each.anchor, each.account_id, each.forget) for each in plan.links] == [("C1", "a1", True)]


def test_decisions_that_only_the_person_key_makes_contradict_each_other_have_no_effect(tmp_path):
    held = two(
        row("E1", "c1@x", person="U1"), row("C1", "c1@x", person="U1", **LEFT), link_decisions=(("C1", "a1", "same"), ("E1", "a2", "same"))
    )
    held = replace(held, accounts=(account("a1", "old@x", "C1"), account("a2", "c1@x", "E1")), links={"C1": "a1", "E1": "a2"})
    plan = plan_of(held, tmp_path)
    assert planned(plan) == []
    assert [each.message.partition(". ")[0] for each in plan.findings if each.kind == "decision"] == [
        "The decision about C1 and the account a1 changes nothing: another line decides otherwise about the same person",
        "The decision about E1 and the account a2 changes nothing: another line decides otherwise about the same person",
    ]


def joined(employee, contractor, *accounts, **rest):
    """A person with the row `employee` in the HR file and `contractor` in the agency's, of whom no account is remembered."""
    return world(source("hr", employee, **PERSON), source("agency", contractor, **PERSON), accounts=accounts, **rest)


def test_an_account_that_carries_the_other_anchor_is_found_and_no_second_one_is_created(tmp_path):
    held = joined(row("E1", "new@x", person="U1"), row("C1", "old@x", person="U1", **LEFT), account("a1", "old@x", "C1"))
    with company(held, tmp_path) as bench:
        plan = bench.plan()
        assert planned(plan) == [("update", "E1")]
        assert plan.operations[0].after["no"] == "E1"
        assert changed(plan) == [("E1", "a1", False)]
        bench.apply(plan)
        bench.extract()
        assert (bench.plan().operations, bench.links()) == ((), {"E1": "a1"})


def test_leaver_loses_the_account_that_carries_the_other_anchor(tmp_path):
    held = joined(row("E1", person="U1", **LEFT), row("C1", person="U1", **LEFT), account("a1", "old@x", "C1"))
    assert planned(plan_of(held, tmp_path)) == [("deactivate", "E1")]


def test_the_account_with_the_anchor_of_today_comes_before_one_with_another_and_the_other_outlives_no_leaver_in_silence(tmp_path):
    accounts = account("a1", "old@x", "C1"), account("a2", "e1@x", "E1")
    plan = plan_of(joined(row("E1", person="U1", **LEFT), row("C1", person="U1", **LEFT), *accounts), tmp_path)
    assert [(each.verb, each.account_id) for each in plan.operations] == [("deactivate", "a2")]
    said = {each.account_id: (each.severity, each.message) for each in plan.findings}
    assert said["a1"][0] == "attention"
    assert "it carries the no of Name E1 (E1), whose account is e1@x; they should have none" in said["a1"][1]


def test_an_address_does_not_take_an_account_that_carries_the_other_anchor_of_somebody_else(tmp_path):
    held = joined(row("E1", "e1@x", person="U1"), row("C1", "old@x", person="U1", **LEFT), account("a1", "mia@x", "C1"))
    people = replace(held.sources[0], rows=(*held.sources[0].rows, row("E2", "mia@x")))
    plan = plan_of(replace(held, sources=(people, held.sources[1])), tmp_path)
    assert [(each.verb, each.anchor) for each in plan.operations if each.account_id == "a1"] == [("update", "E1")]
    assert "Name E1 (E1)" in told(plan)["E2"]


def test_two_anchors_of_one_person_that_zeros_alone_tell_apart_are_one_key(tmp_path):
    held = joined(row("12", person="U1"), row("0012", person="U1", **LEFT))
    keys = [{**held.mapping["correlate"][0], "normalise": ["zeros"]}, *held.mapping["correlate"][1:]]
    plan = plan_of(replace(held, mapping={**held.mapping, "correlate": keys}), tmp_path)
    assert (planned(plan), told(plan)) == ([("create", "12")], {})


def test_account_is_looked_for_by_every_anchor_before_one_is_created(tmp_path):
    with company(joined(row("E1", "new@x", person="U1"), row("C1", "old@x", person="U1", **LEFT)), tmp_path) as bench:
        plan = bench.plan()
        assert planned(plan) == [("create", "E1")]
        bench.target.accounts["a1"] = MemoryAccount("a1", AccountState.ACTIVE, {"login": "old@x", "no": "C1"})
        bench.apply(plan)
        assert list(bench.target.accounts) == ["a1"]

"""What is known of a person only from an earlier read decides nothing about them."""

from dataclasses import replace

from tests.support.companies.people import account, company, planned, row, source, told, world


def test_person_with_an_unreadable_row_is_frozen_and_others_are_changed(tmp_path):
    people = source("hr", row("E1", dept="blue"), row("E2", dept="blue"))
    before = world(
        people, accounts=(account("u1", "e1@x", "E1", dept="red"), account("u2", "e2@x", "E2", dept="red")), links={"E1": "u1", "E2": "u2"}
    )
    with company(before, tmp_path) as bench:
        assert planned(bench.plan()) == [("update", "E1"), ("update", "E2")]
        bench.world = replace(before, sources=(replace(people, unreadable=("E1",)),))
        bench.extract()
        plan = bench.plan()
    assert planned(plan) == [("update", "E2")]
    assert any("could not be read tonight" in each.message for each in plan.findings if each.anchor == "E1")
    assert set(told(plan)) == {"E1"}

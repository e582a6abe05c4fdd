"""What a table beside the mapping gives for people, and what is said of values that it lacks."""

from mappings.lookups import LookupTable
from mappings.rules import Lookup
from tests.support.companies.people import WANTED, account, plan_of, row, source, told, world

RULE = {"file": "depts.csv", "key": "dept", "column": "Department", "gives": {"division": "Division", "region": "Region"}}
ROWS = {"red": ("Sales", "EMEA"), "blue": ("Research", None)}


def company(*rows, **held):
    return world(
        source("hr", *rows),
        identities={"lookup": {"depts": RULE}},
        lookups=(LookupTable("depts", Lookup.model_validate(RULE), ROWS),),
        mapping={"attributes": {**WANTED, "division": "division", "region": {"expression": "region", "clear": True}}},
        **held,
    )


def test_people_get_what_the_table_gives_for_their_key(tmp_path):
    plan = plan_of(company(row("E1", dept="red"), row("E2", dept=" blue "), row("E3", dept=None), row("E4", dept="")), tmp_path)
    given = {each.anchor: (each.after.get("division"), each.after.get("region")) for each in plan.operations}
    assert given == {"E1": ("Sales", "EMEA"), "E2": ("Research", None), "E3": (None, None), "E4": (None, None)}
    assert told(plan) == {}


def test_a_value_that_the_table_lacks_states_nothing_and_is_told_once(tmp_path):
    people = [row(f"E{number}", dept=f"new {number % 7}") for number in range(30)]
    plan = plan_of(company(*people, row("E31", dept="odd", status="left"), row("E32", dept="red")), tmp_path)
    assert [each.message for each in plan.findings] == [
        (
            "mappings/depts.csv lacks 7 of the values of dept (with how many people have each): 'new 0' (5), 'new 1' (5), 'new 2' (4), "
            "'new 3' (4), 'new 4' (4) and 2 more. division, region state nothing for 30 of the people until the table has them."
        )
    ]
    assert plan.findings[0].severity.value == "note"


def test_a_table_that_says_nothing_clears_nothing(tmp_path):
    held = company(row("E1", dept="blue"), accounts=(account("a1", "e1@x", "E1", region="EMEA", dept="blue"),), links={"E1": "a1"})
    assert [each.after for each in plan_of(held, tmp_path).operations] == [{"division": "Research"}]

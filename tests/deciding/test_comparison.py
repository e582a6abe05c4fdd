"""What the mappings alone change: rows of one plan only, and rows that do something else in each."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan import compare as comparing
from reconcile.plan.compare import differences
from reconcile.plan.digest import digested
from reconcile.plan.model import Because, Finding, FindingKind, LinkChange, Operation, Plan, Severity, Situation, Verb
from reconcile.report.formats.compare import parts, show
from reconcile.store.plans.files import load, save
from reconcile.usecases.comparison import compared
from tests.support.examples import examples

WHY = Because(situation=Situation.CONFIRMED, rule="app: attributes", detail="So it is.")
NOTE = Finding(kind=FindingKind.POLICY, severity=Severity.NOTE, target="app", anchor="E9", message="Left as it is.")
LINK = LinkChange(target="app", anchor="E1", account_id="a1", because="found by badge")


def operation(number: int, verb: Verb = Verb.UPDATE, **changed) -> Operation:
    made = Operation(
        id=f"{number:012x}",
        target="app",
        verb=verb,
        anchor=f"E{number}",
        account_id=f"a{number}",
        who=f"p{number}@x",
        name="",
        before={"title": "old"} if verb is Verb.UPDATE else {"state": "active"},
        after={"title": "new"} if verb is Verb.UPDATE else {"state": "deactivated"},
        because=WHY,
    )
    return replace(made, **changed)


def plan(*operations: Operation, findings: tuple[Finding, ...] = (), links: tuple[LinkChange, ...] = ()) -> Plan:
    return digested(
        Plan(
            run_date="2026-03-02",
            planner="0",
            snapshots={},
            mapping="",
            scopes=(),
            census=(),
            operations=operations,
            findings=findings,
            verdicts=(),
            links=links,
        )
    )


def compare(here: Plan, there: Plan) -> comparing.Comparison:
    return comparing.compare(here, there, differences(here.operations, there.operations))


def test_what_both_plans_have_is_caused_by_the_data():
    found = compare(plan(operation(1), operation(2)), plan(operation(2), operation(1)))
    assert (found.same, found.operations) == (True, comparing.Differences(both=2, only_here=(), only_there=(), different=()))
    assert show(found, "../old", width=100).endswith("Caused by the mappings: nothing. The two plans do the same.\n")


def test_what_one_plan_has_alone_is_caused_by_the_mappings():
    found = compare(plan(operation(1), operation(3, Verb.DEACTIVATE)), plan(operation(1), operation(2)))
    rows = found.operations
    assert (rows.both, rows.only_here, rows.only_there) == (1, (operation(3, Verb.DEACTIVATE),), (operation(2),))


def test_another_value_of_the_same_row_is_a_difference():
    here, there = operation(1), operation(1, after={"title": "other"})
    assert compare(plan(here), plan(there)).operations.different == ((here, there),)


def test_another_reason_or_place_in_the_order_is_none():
    there = operation(1, because=replace(WHY, detail="Because of another rule."), depends_on=("0" * 12,))
    assert compare(plan(operation(1)), plan(there)).same


def test_findings_and_links_are_compared_too():
    found = compare(plan(findings=(NOTE,)), plan(links=(LINK,)))
    assert (found.findings_here, found.findings_there, found.links_here, found.links_there) == ((NOTE,), (), (), (LINK,))
    assert not found.same


def test_the_text_says_what_is_caused_by_what():
    here = plan(operation(1), operation(2), operation(3, Verb.DEACTIVATE), findings=(NOTE,))
    there = plan(operation(1), operation(2, after={"title": "other"}), operation(4), links=(LINK,))
    text = show(compare(here, there), "../old", width=120)
    assert text.partition("\n\n")[2] == (
        "Caused by the data: 1 change that both plans have.\n"
        "Caused by the mappings:\n"
        "\n"
        "Only with the mappings here: 1 change (app 1 deactivate)\n"
        "  deactivate  000000000003  app  p3@x: So it is.\n"
        "\n"
        "Only with the mappings there: 1 change (app 1 update)\n"
        '  update  000000000004  app  p4@x: title: "old" -> "new"\n'
        "\n"
        "Different here and there: 1 change\n"
        '  update  000000000002  app  p2@x: title: "old" -> "new"\n'
        '   there  title: "old" -> "other"\n'
        "\n"
        "Findings only with the mappings here: 1\n"
        "  policy: app: Left as it is.\n"
        "\n"
        "Links only with the mappings there: 1\n"
        "  app: remember that a1 belongs to E1: found by badge\n"
    )


def test_a_long_list_is_cut_in_the_text_and_whole_in_json():
    found = compare(plan(*map(operation, range(1, 31))), plan())
    text = show(found, "../old", width=60)
    assert "  ... and 18 more (--json holds all)\n" in text
    assert max(map(len, text.partition("\n\n")[2].splitlines())) <= 60
    assert len(json.loads("".join(parts(found)))["only_here"]) == 30


VALUES = st.sampled_from([None, "", "a", "b", 1, 1.5, True, ["a"], {"x": 1, "y": 2}])
ATTRIBUTES = st.dictionaries(st.sampled_from(["title", "site", "level"]), VALUES, max_size=3)
ROWS = st.dictionaries(
    st.integers(1, 12),
    st.fixed_dictionaries(
        {"before": ATTRIBUTES, "after": ATTRIBUTES, "account_id": st.sampled_from(["", "a1"]), "entitlement_id": st.sampled_from(["", "g"])}
    ),
    max_size=12,
)


def turned(fields: dict[str, Any]) -> dict[str, Any]:
    """The same values, stated in the reverse order."""
    return {name: dict(reversed(each.items())) if isinstance(each, dict) else each for name, each in fields.items()}


@examples(60)
@given(ROWS, ROWS, st.sets(st.integers(1, 12)), st.sampled_from(["here", "there", "both"]))
def test_plans_in_files_are_compared_as_those_in_memory(ours, theirs, shared, stored):
    theirs = theirs | {number: turned(ours[number]) for number in shared & ours.keys()}
    here, there = (plan(*(operation(number, **fields) for number, fields in rows.items())) for rows in (ours, theirs))
    expected = compared(here, there, Path("never used"))
    with tempfile.TemporaryDirectory() as folder:
        state, scratch = Path(folder) / "state", Path(folder) / "scratch"
        read = []
        for name, each in (("here", here), ("there", there)):
            if stored in (name, "both"):
                save(each, state)
            read.append(load(state, each.digest) if stored in (name, "both") else each)
        found = compared(*read, scratch)
        rows, wanted = found.operations, expected.operations
        assert rows.both == wanted.both
        for one, other in ((rows.only_here, wanted.only_here), (rows.only_there, wanted.only_there), (rows.different, wanted.different)):
            assert len(one) == len(other)
            assert tuple(one) == tuple(other)
        assert found.same == expected.same
        assert show(found, "../old", width=120) == show(expected, "../old", width=120)
        text = "".join(parts(found))
        assert text == "".join(parts(expected))
        assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, indent=1) + "\n"

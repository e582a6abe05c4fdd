"""The bytes of a plan: in the order in which things were declared, and the same for the same plan."""

from dataclasses import replace

from reconcile.plan.digest import digested
from reconcile.plan.model import Because, LinkChange, Operation, Plan, Situation, Verb
from reconcile.plan.tables import OPERATIONS
from reconcile.store.plans.files import load, save

WHY = Because(situation=Situation.CONFIRMED, rule="app: attributes", detail="So it is.")


def plan_of(after: dict[str, object]) -> Plan:
    operation = Operation(
        id="0" * 12, target="app", verb=Verb.UPDATE, anchor="E1", account_id="a1", who="p@x", name="P", after=after, because=WHY
    )
    return Plan(
        run_date="2026-03-02",
        planner="0",
        snapshots={"app": "bb", "hr": "aa"},
        mapping="cc",
        scopes=(),
        census=(),
        operations=(operation,),
        findings=(),
        verdicts=(),
        links=(LinkChange(target="app", anchor="E1", account_id="a1", because="found by badge", who="p@x", name="P"),),
    )


def test_attributes_keep_the_order_of_the_mapping(tmp_path):
    plan = digested(plan_of({"login": "z", "email": "y", "city": "x"}))
    save(plan, tmp_path)
    assert '{"login":"z","email":"y","city":"x"}' in OPERATIONS.cells(plan.operations[0])
    assert list(next(iter(load(tmp_path, plan.digest).operations)).after) == ["login", "email", "city"]
    assert load(tmp_path, plan.digest) == plan


def test_the_order_of_keys_inside_a_value_changes_nothing():
    left, right = plan_of({"a": [{"x": 1, "y": {"b": 1, "a": 2}}]}), plan_of({"a": [{"y": {"a": 2, "b": 1}, "x": 1}]})
    assert digested(left).digest == digested(right).digest


def test_another_link_is_another_plan():
    plan = digested(plan_of({"a": 1}))
    assert digested(replace(plan, links=())).digest != plan.digest

"""A person's manager, attributes from the manager's account, and the findings where either is unknown."""

from dataclasses import replace

import pytest

from connectors.contract import AccountState
from connectors.memory.state import MemoryAccount
from mappings.problems import BadConfiguration
from reconcile.decide.guards.evaluate import judge
from reconcile.plan.model import Census, Run, Situation
from reconcile.project.limits import Guards
from tests.support.companies import engine
from tests.support.companies.people import WANTED, account, company, plan_of, planned, row, source, told, world
from tests.support.companies.world import TARGET
from tests.support.undoing import inverse

LEFT = {"status": "left", "end": "2026-02-28"}
WAYS = [{"names": "boss"}, {"names": "sponsor", "matches": "mail"}]
OF_MANAGER = {
    "boss": "manager_anchor",
    "bossName": "manager_name",
    "bossLogin": "manager_login",
    "bossId": "manager_account_id",
}
ATTRIBUTES = {"mail": "mail", "name": "name", "boss": "boss", "sponsor": "sponsor"}


def staff(*rows, attributes=OF_MANAGER, **held):
    """People, and accounts that should say who their manager is."""
    identities = {"manager": WAYS, **held.pop("identities", {})}
    mapping = {"attributes": {**{name: WANTED[name] for name in ("login", "no")}, **attributes}, **held.pop("mapping", {})}
    hr = source("hr", *rows, attributes=ATTRIBUTES, **held.pop("rules", {}))
    return world(hr, identities=identities, mapping=mapping, **held)


def working(number, **values):
    """The account of somebody who is linked to it."""
    return account(f"a{number}", f"e{number}@x", f"E{number}", **{"name": None, **values})


def links(*numbers):
    return {f"E{number}": f"a{number}" for number in numbers}


def given(plan, anchor="E2"):
    """What the plan says of the manager in one person's account."""
    after = [each.after for each in plan.operations if each.anchor == anchor]
    return tuple(after[0].get(name) for name in OF_MANAGER) if after else None


def managers(plan):
    return [each.message for each in plan.findings if each.kind == "manager"]


def test_a_manager_with_an_account_is_named_by_everything_there_is(tmp_path):
    held = staff(row("E1"), row("E2", boss="E1"), accounts=(working(1), working(2)), links=links(1, 2))
    plan = plan_of(held, tmp_path)
    assert planned(plan) == [("update", "E2")]
    assert given(plan) == ("E1", "Name E1", "e1@x", "a1")
    assert managers(plan) == []


def test_id_of_a_new_managers_account_is_set_at_the_end_of_the_same_run(tmp_path):
    with company(staff(row("E1"), row("E2", boss="E1")), tmp_path) as bench:
        plan = bench.plan()
        assert given(plan) == ("E1", "Name E1", "e1@x", None)
        create, late = [each for each in plan.operations if each.anchor == "E2"]
        makes_manager = next(each.id for each in plan.operations if (each.verb, each.anchor) == ("create", "E1"))
        assert (create.verb, late.verb) == ("create", "update")
        assert late.before == {"bossId": None}
        assert late.after == {"bossId": "<account of Name E1 (E1), created by this plan>"}
        assert set(late.depends_on) == {create.id, makes_manager}
        assert bench.preview(plan) == ()
        assert {each.kind for each in bench.apply(plan)} == {"done"}
        assert bench.target.accounts[bench.links()["E2"]].attributes["bossId"] == bench.links()["E1"]
        bench.extract()
        assert planned(bench.plan()) == []


def test_new_managers_who_manage_each_other_are_both_set_in_one_run(tmp_path):
    with company(staff(row("E1", boss="E2"), row("E2", boss="E1"), row("E3", boss="E3")), tmp_path) as bench:
        assert {each.kind for each in bench.apply(bench.plan())} == {"done"}
        links = bench.links()
        boss = {anchor: bench.target.accounts[links[anchor]].attributes.get("bossId") for anchor in links}
        assert boss == {"E1": links["E2"], "E2": links["E1"], "E3": None}
        bench.extract()
        assert planned(bench.plan()) == []


def test_existing_account_gets_the_id_of_a_new_managers_account_after_its_other_changes(tmp_path):
    held = staff(row("E1"), row("E2", boss="E1"), accounts=(working(2),), links=links(2))
    with company(held, tmp_path) as bench:
        plan = bench.plan()
        first, late = [each for each in plan.operations if each.anchor == "E2"]
        assert "bossId" not in first.after
        assert (late.account_id, first.id in late.depends_on) == ("a2", True)
        outcomes = bench.apply(plan)
        assert {each.kind for each in outcomes} == {"done"}
        assert bench.target.accounts["a2"].attributes["bossId"] == bench.links()["E1"]
        run = Run(id="run", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes)
        assert {each.kind for each in bench.apply(inverse(plan, run))} == {"done"}
        assert bench.target.accounts["a2"].attributes.get("bossId") is None


def test_id_waits_for_the_next_night_where_the_managers_account_is_not_created(tmp_path):
    with company(staff(row("E1"), row("E2", boss="E1")), tmp_path) as bench:
        plan = bench.plan()
        bench.target.accounts["z"] = MemoryAccount("z", AccountState.ACTIVE, {"login": "e1@x"})
        kinds = {(each.verb, each.anchor): outcome.kind for each, outcome in zip(plan.operations, bench.apply(plan), strict=True)}
        assert kinds == {("create", "E1"): "moved", ("create", "E2"): "done", ("update", "E2"): "held"}
        assert "bossId" not in bench.target.accounts[bench.links()["E2"]].attributes
        del bench.target.accounts["z"]
        bench.extract()
        second = bench.plan()
        assert planned(second) == [("create", "E1"), ("update", "E2")]
        assert {each.kind for each in bench.apply(second)} == {"done"}
        assert bench.target.accounts[bench.links()["E2"]].attributes["bossId"] == bench.links()["E1"]


@pytest.mark.parametrize(
    ("expression", "tonight", "second"),
    [
        ("'id:' || manager_account_id", "id:{}", []),
        ("case when manager_account_id is null then 'no' else 'yes' end", "yes", []),
        ("upper(manager_account_id)", None, [("update", "E2")]),
        ("substr(coalesce(manager_account_id, 'nobody'), 1, 2)", "no", [("update", "E2")]),
    ],
)
def test_expression_that_changes_the_id_is_computed_once_the_id_is_known(tmp_path, expression, tonight, second):
    rows = row("E1"), row("E2", boss="E1")
    with company(staff(*rows, attributes={"x": f"case when manager_anchor is null then null else {expression} end"}), tmp_path) as bench:
        bench.apply(bench.plan())
        x = bench.target.accounts[bench.links()["E2"]].attributes.get("x")
        assert x == (tonight and tonight.format(bench.links()["E1"]))
        bench.extract()
        assert planned(bench.plan()) == second


def test_managers_of_new_accounts_are_no_change_that_a_guard_counts(tmp_path):
    people = [row(f"E{number}", boss=f"E{number // 4}") for number in range(1, 61)]
    with company(staff(*people), tmp_path) as bench:
        plan = bench.plan()
        late = [each for each in plan.operations if each.verb == "update"]
        assert len(late) == 57
        census = Census(target=TARGET, situations={Situation.ABSENT: 60}, accounts=0)
        verdicts = judge(Guards(), [census], plan.operations)
        assert [each.guard for each in verdicts] == [f"{TARGET}.create"]
        changed = [replace(each, account_id=each.anchor) for each in late]
        assert f"{TARGET}.attributes" in [each.guard for each in judge(Guards(), [census], changed) if not each.passed]


@pytest.mark.parametrize(
    ("boss", "sponsor", "expected"),
    [
        ("E1", "e3@x", "E1"),
        (" e1 ", None, "E1"),
        (None, "E3@X", "E3"),
        ("", " e3@x", "E3"),
        ("", "", None),
        ("E9", "e3@x", None),
    ],
)
def test_first_manager_expression_that_finds_a_person_counts(tmp_path, boss, sponsor, expected):
    plan = plan_of(staff(row("E1"), row("E2", boss=boss, sponsor=sponsor), row("E3")), tmp_path)
    assert given(plan)[0] == expected


def test_a_manager_is_found_by_the_anchor_that_they_had_as_a_contractor(tmp_path):
    rows = row("E1", person="U1"), row("C1", person="U1", **LEFT), row("E2", boss="C1")
    plan = plan_of(staff(*rows, rules={"person": "person"}), tmp_path)
    assert given(plan)[0] == "E1"


@pytest.mark.parametrize(
    "boss",
    [
        row("E1", "e1@x", **LEFT),
        row("E1", "e1@x", start="2026-04-01"),
        row("E1", "e1@x", dept="out"),
    ],
)
def test_of_a_manager_without_a_working_account_no_account_is_stated(tmp_path, boss):
    held = staff(boss, row("E2", boss="E1"), mapping={"who": "dept is distinct from 'out'"})
    hr = held.sources[0]
    held = replace(held, sources=(replace(hr, rules={**hr.rules, "attributes": {**ATTRIBUTES, "dept": "dept"}}),))
    assert given(plan_of(held, tmp_path)) == ("E1", "Name E1", None, None)


def test_what_was_said_of_a_manager_who_has_left_stays_until_hr_names_another(tmp_path):
    said = {"boss": "E1", "bossName": "Name E1", "bossLogin": "e1@x", "bossId": "a1"}
    held = staff(row("E1", **LEFT), row("E2", boss="E1"), accounts=(working(1), working(2, **said)), links=links(1, 2))
    plan = plan_of(held, tmp_path)
    assert planned(plan) == [("deactivate", "E1")]
    assert managers(plan) == [
        "1 person names a manager who has left: Name E1 (E1). Of their account nothing is stated; HR has to name another."
    ]


def test_a_manager_who_comes_back_counts_with_the_account_that_works_again(tmp_path):
    deactivated = replace(working(1), state="deactivated")
    held = staff(row("E1"), row("E2", boss="E1"), accounts=(deactivated, working(2)), links=links(1, 2))
    assert given(plan_of(held, tmp_path)) == ("E1", "Name E1", "e1@x", "a1")


def test_of_an_account_that_stays_as_it_is_nothing_is_stated(tmp_path):
    """The manager's account would be made active, or created, and is protected."""
    deactivated = replace(working(1), state="deactivated")
    held = staff(row("E1"), row("E2", boss="E1"), accounts=(deactivated, working(2)), links=links(1, 2), protected_people=("E1",))
    assert given(plan_of(held, tmp_path)) == ("E1", "Name E1", None, None)
    absent = replace(held, accounts=(working(2),), links=links(2))
    assert given(plan_of(absent, tmp_path)) == ("E1", "Name E1", None, None)


def test_an_update_of_nothing_else_is_left_out_where_the_managers_account_stays_as_it_is(tmp_path):
    only = {"bossLogin": "manager_login"}
    deactivated = replace(working(1), state="deactivated")
    held = staff(
        row("E1"),
        row("E2", boss="E1"),
        attributes=only,
        accounts=(deactivated, working(2)),
        links=links(1, 2),
        protected_people=("E1",),
    )
    assert planned(plan_of(held, tmp_path)) == []


def test_a_match_that_is_only_proposed_is_not_the_managers_account(tmp_path):
    keys = [{"account": "no", "identity": "anchor"}]
    held = staff(row("E1"), row("E2", boss="E1"), accounts=(working(1), working(2)), links=links(2), mapping={"correlate": keys})
    assert given(plan_of(held, tmp_path)) == ("E1", "Name E1", None, None)


def test_the_reason_of_an_update_names_what_is_left_of_it(tmp_path):
    deactivated = replace(working(1), state="deactivated")
    held = staff(row("E1"), row("E2", boss="E1"), accounts=(deactivated, working(2)), links=links(1, 2), protected_people=("E1",))
    (update,) = plan_of(held, tmp_path).operations
    assert update.because.detail == "boss is manager_anchor; bossName is manager_name."
    assert update.before.keys() == update.after.keys() == {"boss", "bossName"}


def test_unknown_managers_are_one_finding_with_the_first_names(tmp_path):
    rows = [row(f"E{number}", boss=f"X{number % 7}") for number in range(30)]
    assert managers(plan_of(staff(*rows, row("E99", boss="X8", **LEFT)), tmp_path)) == [
        (
            "30 people name a manager whom no source states: 'x0', 'x1', 'x2', 'x3', 'x4' and 2 more. "
            "Nothing is stated of that manager until HR corrects it."
        )
    ]


def test_ambiguous_manager_is_left_unset(tmp_path):
    plan = plan_of(staff(row("E1", "one@x"), row("E3", "ONE@x"), row("E2", sponsor="one@x")), tmp_path)
    assert given(plan) == (None, None, None, None)
    assert managers(plan) == [
        "1 person names a manager who may be several people: 'one@x'. Nothing is stated of that manager until one of them has another."
    ]


def test_own_manager_is_left_unset(tmp_path):
    plan = plan_of(staff(row("E1", boss="E1"), row("E2", boss="E1")), tmp_path)
    assert given(plan, "E1") == (None, None, None, None)
    assert given(plan)[0] == "E1"
    assert managers(plan) == ["Listed as their own manager, so no manager is set: Name E1 (E1)."]


def test_circle_of_managers_is_reported_and_stated_managers_are_kept(tmp_path):
    bosses = {"E1": "E2", "E2": "E1", "E3": "E4", "E4": "E5", "E5": "E3", "E6": "E1", "E7": "E6", "E8": None, "E9": "E8"}
    plan = plan_of(staff(*(row(anchor, boss=boss) for anchor, boss in bosses.items())), tmp_path)
    assert {anchor: given(plan, anchor)[0] for anchor in bosses} == bosses
    assert managers(plan) == [
        (
            "Managers lead one another in 2 circles: Name E1 (E1) under Name E2 (E2) under Name E1 (E1); "
            "Name E3 (E3) under Name E4 (E4) under Name E5 (E5) under Name E3 (E3). "
            "Each has the manager that the source states; HR has to correct one."
        )
    ]


@pytest.mark.parametrize("length", [2, 3, 5, 8, 33])
def test_a_circle_of_any_length_at_the_end_of_any_way_is_found(tmp_path, length):
    ring = [row(f"R{number}", boss=f"R{(number + 1) % length}") for number in range(length)]
    way = [row(f"W{number}", boss=f"W{number + 1}" if number < 20 else "R0") for number in range(21)]
    tree = [row(f"T{number}", boss=f"T{number // 2}" if number > 1 else None) for number in range(1, 20)]
    (message,) = managers(plan_of(staff(*ring, *way, *tree), tmp_path))
    assert "in a circle: Name R0 (R0) under Name R1 (R1)" in message
    assert "W" not in message
    assert "T" not in message


def test_a_long_line_of_managers_is_no_circle(tmp_path):
    rows = [row(f"E{number}", boss=f"E{number + 1}") for number in range(40)]
    assert managers(plan_of(staff(*rows, row("E40")), tmp_path)) == []


def renamed(**held):
    """The manager's address, which is the login, has changed."""
    attributes = {**OF_MANAGER, "login": "mail"}
    accounts = working(1), working(2, boss="E1", bossName="Name E1", bossLogin="e1@x", bossId="a1")
    return staff(row("E1", "new@x"), row("E2", boss="E1"), attributes=attributes, accounts=accounts, links=links(1, 2), **held)


def test_a_login_that_may_not_change_stays_the_managers(tmp_path):
    plan = plan_of(renamed(), tmp_path)
    assert planned(plan) == []
    assert "immutable" in told(plan)["E1"]


def test_a_login_that_changes_is_the_managers_in_the_same_plan(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, immutable=frozenset()))
    with company(renamed(), tmp_path) as bench:
        plan = bench.plan()
        assert [(each.anchor, each.after) for each in plan.operations] == [("E1", {"login": "new@x"}), ("E2", {"bossLogin": "new@x"})]
        bench.apply(plan)
        bench.extract()
        assert planned(bench.plan()) == []


def test_a_change_of_the_login_that_is_withheld_is_not_told_of_the_manager(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "TRAITS", replace(engine.TRAITS, immutable=frozenset()))
    assert planned(plan_of(renamed(protected_people=("E1",)), tmp_path)) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"login": "manager_login"},
        {"email": "manager_login"},
        {"x": {"expression": '"Manager_Login"', "required": True}},
        {"x": {"expression": "manager_account_id", "unique": True}},
    ],
)
def test_attribute_missing_on_some_users_is_no_login_and_neither_unique_nor_required(tmp_path, rule):
    with pytest.raises(BadConfiguration, match="cannot be the login, unique, required or renamed under review"):
        plan_of(staff(row("E1"), attributes=rule), tmp_path)


def test_the_order_of_rows_and_the_number_of_threads_change_nothing(tmp_path):
    rows = [row(f"E{number}", boss=f"E{number // 3}", sponsor=f"e{number}@x") for number in range(40)]
    one = staff(*rows)
    other = replace(one, sources=(replace(one.sources[0], rows=tuple(rows[::-1])),))
    with company(one, tmp_path) as bench:
        plan = bench.plan()
    with company(other, tmp_path) as bench:
        again = bench.plan(threads=2)
    assert (again.operations, again.findings) == (plan.operations, plan.findings)

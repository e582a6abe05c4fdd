"""A later plan of a day is judged by what was there before the first run of the day: what runs gave since makes a loss neither smaller nor absurd."""

from dataclasses import replace

import pytest

from reconcile.plan.earlier import Applied, standing
from reconcile.plan.model import Plan, Verdict
from reconcile.project.limits import DimensionLimits, GroupLimits, Limit
from reconcile.report.summary import groups
from tests.support.companies.targets import DAY, Company, give_account, group, mapping, target

from .guard_worlds import OPEN

TWELVE = [f"p{number:02}" for number in range(12)]
GUARDS = OPEN.model_copy(
    update={
        "groups": GroupLimits(remove_member=Limit(percent=50, floor=2)),
        "dimensions": {"dept": DimensionLimits(deactivate=Limit(percent=50, floor=2))},
    }
)


class Day:
    """A company on one day, with what its runs did."""

    def __init__(self, folder, **rules: object) -> None:
        self.company = Company(folder, [target("app", group("g1", "readers"))], [mapping(**rules)], guards=GUARDS)
        self.applied: list[Applied] = []
        self.runs = 0

    def plan(self) -> Plan:
        """What is planned after the runs so far."""
        self.company.read()
        with self.company.store() as store:
            return replace(self.company.planner(), earlier=standing(self.applied)).plan(store, DAY)

    def run(self) -> None:
        """Carries the plan out."""
        plan = self.plan()
        self.runs += 1
        run = f"run-{self.runs}"
        ids = {each.operation_id: each.account_id for each in self.company.apply(plan, run)}
        self.applied += [
            Applied(
                operation=replace(each, account_id=each.account_id or ids[each.id]), run=run, at="2026-03-02T02:00:00.000+00:00",
                snapshot=plan.snapshots["app"],
            )
            for each in plan.operations
        ]  # fmt: skip

    def put(self, dept: str, *names: str) -> None:
        for name in names:
            self.company.people[name]["dept"] = dept


@pytest.fixture
def day(tmp_path):
    made = Day(tmp_path, groups={"read": {"group": "readers", "when": "dept = 'sales'"}})
    for name in TWELVE:
        made.company.hire(name)
        give_account(made.company.targets[0], name)
    return made


def removals(plan: Plan) -> Verdict:
    return next(each for each in plan.verdicts if each.guard == "app.groups.remove_member")


def test_members_that_a_run_of_the_day_added_are_among_those_that_are_taken(day):
    day.company.targets[0].members.add(("app-p11", "g1"))
    day.put("sales", *TWELVE[:5])
    day.run()
    day.put("law", *TWELVE[:5])
    assert removals(day.plan()).message.startswith("Refused: 5 of the 6 members of readers would be removed in app (83.3%);")


def test_members_added_on_the_same_day_do_not_make_a_loss_of_the_others_smaller(day):
    day.put("sales", *TWELVE[:3])
    day.run()
    day.applied.clear()  # so far for the day before
    day.put("sales", *TWELVE[3:])
    day.run()
    day.put("law", *TWELVE[:3])
    assert removals(day.plan()).message.startswith("Refused: 3 of the 3 members of readers would be removed in app (100.0%);")


def test_a_loss_that_was_given_back_and_is_planned_again_is_of_the_members_before_the_first_run(day):
    day.put("sales", *TWELVE[:6])
    day.run()
    day.applied.clear()  # so far for the day before
    day.put("law", *TWELVE[:5])
    day.run()
    day.put("sales", *TWELVE[:5], TWELVE[7])
    day.run()
    day.put("law", *TWELVE[:5])
    assert (removals(day.plan()).accounts, removals(day.plan()).population) == (5, 6)


def test_holders_of_a_role_are_reckoned_back_over_the_runs_of_the_day(tmp_path):
    office = Day(tmp_path, roles={"editors": {"role": "editor", "when": "dept = 'sales'"}})
    office.company.targets[0].traits = replace(office.company.targets[0].traits, roles="roles")
    for name in TWELVE[:8]:
        office.company.hire(name, "sales")
        give_account(office.company.targets[0], name)
    office.run()
    office.applied.clear()  # so far for the day before
    office.put("law", *TWELVE[:2])
    office.run()
    office.put("law", TWELVE[2])
    assert removals(office.plan()).message.startswith("3 of the 8 members of editor would be removed in app (37.5%)")


def test_people_of_a_department_whose_accounts_were_made_on_the_same_day_are_among_those_who_lose_them(tmp_path):
    office = Day(tmp_path)
    office.company.hire("old", "sales")
    give_account(office.company.targets[0], "old")
    for name in TWELVE[:5]:
        office.company.hire(name, "sales")
    office.run()
    for name in TWELVE[:5]:
        office.company.people[name]["status"] = "left"
    plan = office.plan()
    (lost,) = [each for each in plan.verdicts if each.guard == "app.dimensions.dept"]
    assert lost.message.startswith("Refused: 5 of 6 people with dept 'sales' would lose their account in app (83.3%);")
    assert [each.size.percent for each in groups(plan)] == ["83.3%"]

"""How much of a guard's limit a plan uses, beside the verdict of the guard itself."""

from dataclasses import replace

import pytest

from reconcile.decide.guards.verdict import over_limit
from reconcile.plan.impact import Impact
from reconcile.plan.model import Verb, Verdict
from reconcile.project.limits import Guards
from reconcile.report.formats.html import page
from reconcile.report.guard_limits import margin_of
from reconcile.report.page_facts import PageFacts
from tests.report.test_report_html import Outline


def verdict(count, population=400, guard="okta.deactivate"):
    return Verdict(guard=guard, passed=True, count=count, accounts=count, population=population, message="")


@pytest.mark.parametrize(
    "limit", [{"percent": 5, "floor": 5}, {"percent": 5}, {"count": 20}, {"count": 12, "percent": 5, "floor": 8}, {"count": 0}]
)
@pytest.mark.parametrize("count", range(1, 30, 2))
@pytest.mark.parametrize("population", [20, 100, 400])
def test_more_than_all_is_used_where_the_guard_refuses_and_only_there(limit, count, population):
    guards = Guards.model_validate({"privileged": limit})
    margin = margin_of(verdict(count, population, "okta.privileged"), guards, ["okta"])
    refused = bool(over_limit(Impact(count, count, population), guards.privileged))
    assert (margin.used is None or margin.used >= 100) if refused else margin.used <= 100


def test_limit_is_that_of_the_target_and_of_the_kind_of_guard():
    guards = Guards.model_validate(
        {
            "targets": {"a.b": {"deactivate": {"percent": 1, "floor": 2}}},
            "groups": {"remove_member": {"percent": 7, "floor": 3}},
            "dimensions": {"department": {}},
        }
    )
    targets = ["a", "a.b"]
    assert margin_of(verdict(1, guard="a.b.deactivate"), guards, targets).limit == "1% above a floor of 2"
    assert margin_of(verdict(1, guard="a.deactivate"), guards, targets).limit == "5% above a floor of 5"
    assert margin_of(verdict(1, guard="a.groups.remove_member"), guards, targets).limit == "7% above a floor of 3"
    assert margin_of(verdict(1, guard="a.delete"), guards, targets).limit == "at most 10"
    assert margin_of(verdict(1, guard="a.dimensions.department"), guards, targets).limit.endswith(
        f"{guards.dimensions['department'].loss().floor}"
    )
    assert [
        margin_of(verdict(1, guard=f"a.{name}"), guards, targets) for name in ("attributes", "admins", "usual.create", "add_member")
    ] == [None] * 4
    assert all(margin_of(verdict(1, guard=f"a.{verb}"), guards, targets) for verb in Verb if verb is not Verb.ADD_MEMBER)


def test_page_shows_the_limit_of_each_guard_where_it_is_known(plan_of, small_plan):
    plan = replace(small_plan, verdicts=(verdict(9), verdict(2, guard="okta.attributes")))
    words = Outline(page(plan, facts=PageFacts(guards=Guards()))).words
    assert "5% above a floor of 5" in words
    assert "45% of it used" in words
    assert "Limit today" not in Outline(page(plan)).words

"""The forecast of a plan is within a tenth of the requests that its live run then sends, by the record of the sandboxes."""

import copy
import json
import stat

import pytest

from reconcile.errors import ExitCode
from reconcile.usecases import group_sizes

from .night_worlds import CLOCK

NEAR = 0.1


def _requests(forecasts):
    return {each["target"]: each["requests"] for each in forecasts}


@pytest.mark.parametrize("target", ["okta", "wiki"])
def test_forecast_of_a_first_night_is_what_its_live_run_sends(first_night, target):
    sent = first_night.requests[target]
    assert sent > 50
    assert _requests(first_night.plan["forecast"])[target] == pytest.approx(sent, rel=NEAR)


def test_forecast_of_a_calm_night_is_what_its_live_run_sends(before_a_night):
    world, began = before_a_night.world, before_a_night.world.requests
    assert world.run("apply", "--live").code == ExitCode.CHANGES_WAIT
    sent = {target: count - began[target] for target, count in world.requests.items()}
    assert _requests(before_a_night.plan["forecast"]) == pytest.approx(sent, rel=NEAR)


def test_apply_says_the_forecast_beside_what_it_did(before_a_night):
    planned = before_a_night.plan["forecast"]
    assert before_a_night.world.run("apply", "--json").json["forecast"] == planned
    assert before_a_night.world.run("apply", "--live", "--json").json["forecast"] == planned


def test_show_and_report_say_the_forecast_that_the_plan_said(before_a_night):
    world, planned = before_a_night.world, before_a_night.plan["forecast"]
    assert world.run("show", "--json").json["forecast"] == planned
    page = world.folder / "page.html"
    assert world.run("report", "--output", str(page)).code == 0
    for each in planned:
        said = f"about {each['requests']} requests"
        assert said in world.run("show").out
        assert f"<b>{each['target']}</b> {said}" in page.read_text(encoding="utf-8")


def test_sizes_of_groups_are_kept_beside_the_plan_for_its_owner_alone(after_a_night, monkeypatch):
    world = after_a_night
    monkeypatch.setattr(group_sizes, "SMALL", 2)
    assert world.run("extract").code == ExitCode.DONE
    digest = world.run("plan", *CLOCK, "--json").json["plan"]["digest"]
    path = world.folder / "state" / "plans" / digest / group_sizes.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    held = {("okta", group): len(members) for group, members in world.state["okta"]["members"].items()}
    held |= {("wiki", group["id"]): len(group["members"]) for group in world.state["wiki"]["groups"]}
    large = {place: count for place, count in held.items() if count > 2}
    assert large
    assert {(target, group): count for target, group, count in json.loads(path.read_text(encoding="utf-8"))} == large


def test_group_of_many_pages_takes_more_requests_and_a_file_that_cannot_be_read_takes_none(after_a_night):
    world = after_a_night
    state = copy.deepcopy(world.state["okta"])
    largest = max(state["members"], key=lambda group: len(state["members"][group]))
    del state["members"][largest][-2:]
    world.okta.app.seed(state)
    assert world.run("extract").code == ExitCode.DONE
    told = world.run("plan", *CLOCK, "--json").json
    path, planned = world.folder / "state" / "plans" / told["plan"]["digest"] / group_sizes.FILE, told["forecast"]
    path.write_text(json.dumps([["okta", group, 5_000] for group in state["members"]]), encoding="utf-8")
    assert _requests(world.run("show", "--json").json["forecast"])["okta"] > _requests(planned)["okta"]
    for odd in ("", "[[1]]", "{}"):
        path.write_text(odd, encoding="utf-8")
        assert world.run("show", "--json").json["forecast"] == planned

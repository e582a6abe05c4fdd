"""The forecast of a plan is within a tenth of the requests that its live run then sends, by the record of the sandboxes."""

import pytest

from reconcile.errors import ExitCode

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


def test_show_and_report_say_the_forecast_that_the_plan_said(before_a_night):
    world, planned = before_a_night.world, before_a_night.plan["forecast"]
    assert world.run("show", "--json").json["forecast"] == planned
    page = world.folder / "page.html"
    assert world.run("report", "--output", str(page)).code == 0
    for each in planned:
        said = f"about {each['requests']} requests"
        assert said in world.run("show").out
        assert f"<b>{each['target']}</b> {said}" in page.read_text(encoding="utf-8")

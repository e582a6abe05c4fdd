"""What cannot write: everything but a live run. The servers themselves say what they were asked."""

import pytest

from .night_worlds import CLOCK


@pytest.fixture(scope="module", autouse=True)
def _planned(drifted):
    assert drifted.run("plan", *CLOCK).code == 10


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (("check",), {0}),
        (("extract",), {0}),
        (("plan", *CLOCK), {10}),
        (("apply",), {10}),
        (("apply", "--json"), {10}),
        (("run", *CLOCK), {10}),
        (("show",), {0}),
        (("report",), {0}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_without_live_the_servers_see_nothing_but_reads(drifted, words, codes):
    drifted.okta.forget_requests()
    drifted.wiki.forget_requests()
    before = drifted.state
    assert drifted.run(*words).code in codes
    asked = drifted.okta.requests() + drifted.wiki.requests()
    assert {request.method for request in asked} <= {"GET"}
    assert bool(asked) == (words[0] in ("check", "extract", "apply", "run"))
    assert drifted.state == before


def test_a_dry_run_looks_at_every_account_it_would_change(drifted):
    plan = drifted.run("show", "--json").json
    drifted.okta.forget_requests()
    ended = drifted.run("apply", "--json")
    asked = " ".join(request.path for request in drifted.okta.requests())
    concerned = {each["account_id"] for each in plan["operations"] if each["target"] == "okta" and each["account_id"]}
    assert concerned
    assert all(account in asked for account in concerned)
    assert ended.json["run"]["live"] is False

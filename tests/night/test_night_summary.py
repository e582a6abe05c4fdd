"""The JSON of a run says what went in, what came of it, what it cost and what stood in the way; one target that is down stops no other."""

import platform
from collections import Counter

from connectors.sandbox.host import Fault, FaultKind
from reconcile import __version__

from .night_worlds import AT_ONCE

DOWN = {"status": 503, "headers": AT_ONCE}


def outcomes(told: dict) -> Counter:
    """The operations of the report by target, verb and outcome, counted from its rows."""
    return Counter(
        (each["target"], each["verb"], each["outcome"]["kind"] if each["outcome"] else "not_reached") for each in told["operations"]
    )


def counted(night: dict) -> dict:
    return {(each["target"], each["verb"], each["outcome"]): each["operations"] for each in night["operations"]}


def test_json_of_a_live_run_says_what_went_in_what_came_of_it_and_what_it_cost(calm):
    held = calm()
    for system in (held.okta, held.wiki):
        system.forget_requests()
    ended = held.night("--json")
    told, night = ended.json, ended.json["night"]
    assert (night["exit_code"], night["outcome"], night["live"], night["error"]) == (ended.code, "changes_wait", True, "")
    assert (night["plan"], night["run"]) == (told["plan"]["digest"], told["run"]["id"])
    assert night["snapshots"] == told["plan"]["snapshots"]
    assert night["systems"]["okta"]["address"] == held.okta.url
    assert "mappings/okta.toml" in night["configuration"]
    assert counted(night) == outcomes(told)
    assert {outcome for *_, outcome in counted(night)} == {"done"}
    kinds = Counter(each["kind"] for each in told["findings"])
    assert {each["kind"]: each["findings"] for each in night["findings"]} == kinds
    assert (night["guards"], night["frozen_scopes"], night["failures"], night["incomplete_reads"]) == ([], [], [], {})
    assert {name: each["requests"] for name, each in night["requests"].items()} == {
        "okta": len(held.okta.requests()),
        "wiki": len(held.wiki.requests()),
    }
    assert list(night["seconds"]) == ["apply", "extract", "plan"]
    assert all(seconds > 0 for seconds in night["seconds"].values())
    assert (night["versions"]["reconcile"], night["versions"]["python"]) == (__version__, platform.python_version())
    assert night["audit_head"] == held.run("audit", "verify", "--json").json["head"]
    names = {each["who"] for each in told["operations"] if each["who"]}
    without_names = {
        key: value for key, value in night.items() if key not in {"still_active", "frozen_leavers", "failures", "by_hand", "not_read"}
    }
    assert not [name for name in names if name in str(without_names)]


def test_target_that_is_down_from_the_start_freezes_itself_alone_and_the_summary_says_which_and_why(calm):
    held = calm()
    assert held.run("extract").code == 0
    held.wiki.forget_requests()
    held.wiki.add_fault(Fault(FaultKind.STATUS, **DOWN))
    ended = held.night("--json")
    night = ended.json["night"]
    assert (ended.code, night["outcome"]) == (12, "not_trusted")
    assert list(night["incomplete_reads"]) == ["wiki"]
    assert all("503" in sentence for sentence in night["incomplete_reads"]["wiki"])
    assert {(each["system"], "503" in each["reason"]) for each in night["frozen_scopes"]} == {("wiki", True)}
    assert {target for target, *_ in counted(night)} == {"okta"}
    assert {outcome for *_, outcome in counted(night)} == {"done"}
    assert held.wiki.writes() == []
    assert night["requests"]["wiki"]["waits"] > 0


def test_target_that_goes_down_while_it_is_written_to_stops_no_other_and_its_rows_are_named(calm):
    held = calm()
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        held.wiki.add_fault(Fault(FaultKind.STATUS, method=method, **DOWN))
    ended = held.night("--json")
    night = ended.json["night"]
    assert (ended.code, night["outcome"]) == (13, "partly")
    of_okta = {outcome for target, _, outcome in counted(night) if target == "okta"}
    of_wiki = {outcome for target, _, outcome in counted(night) if target == "wiki"}
    assert of_okta == {"done"}
    assert "done" not in of_wiki
    assert {each["target"] for each in night["failures"]} == {"wiki"}
    assert any("503" in str(each["answer"]) + each["detail"] for each in night["failures"])


def test_run_that_ends_early_says_so_to_programs_too(drifted):
    drifted.edit("mappings/okta.toml", 'city = "city"', 'city = "random()"')
    try:
        ended = drifted.run("run", "--json")
    finally:
        drifted.edit("mappings/okta.toml", 'city = "random()"', 'city = "city"')
    night = ended.json["night"]
    assert (ended.code, night["exit_code"], night["outcome"], night["plan"]) == (16, 16, "failed", "")
    assert "random()" in night["error"]
    planned = drifted.run("run", "--json").json
    expected = Counter((each["target"], each["verb"], "planned") for each in planned["operations"])
    assert counted(planned["night"]) == expected
    assert "the run did not finish" in ended.err

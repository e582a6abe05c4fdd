"""After an incident: what changed, when, from what to what, and whether a run of ours did it or others."""

from contextlib import closing
from datetime import timedelta

import duckdb
import httpx
import pytest

from connectors.sandbox.host import Fault, FaultKind
from reconcile.errors import ExitCode

from .conftest import calm_world
from .night_worlds import AT_ONCE, DAY
from .rewinding import Rewinding

OKTA = {"Authorization": "SSWS sandbox-token"}
AFTER_THE_NIGHT = "2026-03-02T15:00"


@pytest.fixture(scope="module")
def _incident(first_night, tmp_path_factory):
    with calm_world(first_night, tmp_path_factory.mktemp("incident") / "project") as held:
        held.night()
        assert held.run("extract", hour=14).code == 0
        group = next(each for each in held.state["okta"]["groups"] if each["profile"]["name"] == "managers")
        # A read in which a group has lost more than ten is not believed at once.
        members = held.state["okta"]["members"][group["id"]][:9]
        logins = {each["id"]: each["profile"]["login"] for each in held.state["okta"]["users"]}
        for member in members:
            _others(held, "DELETE", f"groups/{group['id']}/users/{member}")
        promoted = held.morning.promoted.email
        _others(held, "POST", f"users/{promoted}", {"profile": {"title": "Her own words"}})
        read = held.run("extract", hour=17)
        assert read.code == 0, read.err
        yield Rewinding(held), {logins[member] for member in members}, promoted


@pytest.fixture
def incident(_incident):
    """A night at noon, and in the afternoon others who took nine people out of a group and changed a title. Each test finds it like that."""
    rewinding, members, promoted = _incident
    return rewinding.again(), members, promoted


def _others(held, method, path, body=None):
    answer = httpx.request(method, f"{held.okta.url}/api/v1/{path}", headers=OKTA, json=body)
    assert answer.is_success, answer.text


def test_who_lost_names_everybody_who_lost_the_group_and_that_others_did_it(incident):
    held, members, _ = incident
    assert members
    lost = held.run("who-lost", "Managers", "--since", AFTER_THE_NIGHT, "--json", hour=19).json["changes"]
    assert {each["who"] for each in lost} == members
    assert {(each["kind"], each["run"], each["since"][11:13], each["until"][11:13]) for each in lost} == {("lost", "", "14", "17")}
    assert "lost managers, by others" in held.run("who-lost", "managers", "--since", AFTER_THE_NIGHT, hour=19).out
    assert held.run("who-lost", "managers", "--since", "2026-03-02T18:00", hour=19).out == "No change was read.\n"
    assert held.run("who-lost", "no such group", "--since", AFTER_THE_NIGHT, hour=19).code == 2


def test_history_of_a_person_says_what_a_run_did_and_what_others_did(incident):
    held, _, promoted = incident
    run = held.run("runs", "--json").json["runs"][0]["id"]
    ended = held.run("history", promoted, "--json")
    assert ended.code == 0, ended.err
    found = ended.json["changes"]
    titles = [(each["after"], each["run"]) for each in found if (each["system"], each["name"]) == ("okta", "title")]
    assert titles == [("Grand Vizier", run), ("Her own words", "")]
    assert any(each["system"] == "workers" for each in found)
    assert held.run("history", promoted, "--since", AFTER_THE_NIGHT, "--json", hour=19).json["changes"] == [
        each for each in found if each["until"] > AFTER_THE_NIGHT
    ]
    told = held.run("history", promoted).out
    assert "title 'Grand Vizier' became 'Her own words', by others" in told
    assert "None" not in told
    assert held.run("history", "nobody at all").code == 2


def test_between_two_times_shows_what_each_did_and_nothing_of_the_first_reads(incident):
    held, members, _ = incident
    run = held.run("runs", "--json").json["runs"][0]["id"]
    night = held.run("between", "2026-03-02", AFTER_THE_NIGHT, "--json").json["changes"]
    okta = [each for each in night if each["system"] == "okta"]
    assert okta
    assert {each["run"] for each in okta} == {run}
    assert all(each["since"] for each in night)
    later = held.run("between", AFTER_THE_NIGHT, "2026-03-03", hour=19)
    assert f"okta: {len(members)} memberships removed by others" in later.out
    assert "okta: 1 attribute changed by others" in later.out


def test_a_time_that_no_read_can_show_is_a_usage_error(incident):
    held, _, promoted = incident
    for words, said in (
        (("between", "2026-03-04"), "lies in the future"),
        (("between", "2026-03-02T09:00", "2026-03-02T08:00"), "lies before SINCE"),
        (("history", promoted, "--since", "2027-03-02"), "lies in the future"),
        (("who-lost", "all-employees", "--since", "2026-04-01"), "lies in the future"),
    ):
        ended = held.run(*words)
        assert (ended.code, ended.out) == (2, ""), words
        assert said in ended.err, words


def test_history_of_an_account_outlives_it(incident):
    held, _, _ = incident
    login = held.state["wiki"]["users"][3]["userName"]
    gone = next(each["id"] for each in held.state["wiki"]["users"] if each["userName"] == login)
    answer = httpx.request("DELETE", f"{held.wiki.url}/v2/Users/{gone}", headers={"Authorization": "Bearer sandbox"})
    assert answer.is_success
    assert held.run("extract", hour=19).code == 0
    ended = held.run("history", gone, "--json")
    assert ended.code == 0, ended.err
    found = ended.json["changes"]
    assert ("gone", login, "") in [(each["kind"], each["who"], each["run"]) for each in found]


def test_as_of_lists_what_was_read_then_also_of_what_is_gone_since(incident):
    held, members, promoted = incident
    gone = next(each for each in held.state["wiki"]["users"] if each["userName"] == held.state["wiki"]["users"][3]["userName"])
    assert httpx.request("DELETE", f"{held.wiki.url}/v2/Users/{gone['id']}", headers={"Authorization": "Bearer sandbox"}).is_success
    assert held.run("extract", hour=19).code == 0

    def listed(*words):
        ended = held.run("as-of", *words, "--json")
        assert ended.code == 0, ended.err
        return ended.json["rows"]

    now, then = ({each["who"] for each in listed(at, "members", "okta", "managers")} for at in ("2026-03-03", "2026-03-02T14:30"))
    assert then - now == members
    titles = [listed(at, "accounts", "okta", promoted)[0]["attributes"]["title"] for at in ("2026-03-02T14:30", "2026-03-03")]
    assert titles == ["Grand Vizier", "Her own words"]
    (left,) = listed("2026-03-02T14:30", "accounts", "wiki", gone["userName"])
    assert (left["id"], left["state"], left["attributes"]["userName"]) == (gone["id"], "active", gone["userName"])
    assert not listed("2026-03-03", "accounts", "wiki", gone["userName"])
    everybody = {user["id"] for user in held.state["okta"]["users"]}
    assert {each["id"] for each in listed("2026-03-02T14:30", "accounts", "okta")} <= everybody
    assert {each["system"] for each in listed("2026-03-02T14:30", "people")} == {"workers", "contractors"}
    assert held.run("as-of", "2026-03-02T14:30", "assignments").out == "Nothing of that kind was read until then.\n"


def test_as_of_names_each_system_that_has_no_snapshot_of_the_time(incident):
    held, _, promoted = incident
    with closing(duckdb.connect(str(held.folder / "state/store.duckdb"))) as store:
        store.execute("DELETE FROM snapshot WHERE system = 'wiki'")
    said = "wiki: there is no snapshot at or before 2026-03-03T00:00:00+00:00, or it was pruned since. None of its rows is listed."
    table = held.run("as-of", "2026-03-03", "accounts", "", promoted, "--csv")
    assert (said in table.err, said in table.out) == (True, False)
    assert held.run("as-of", "2026-03-03", "accounts").out.splitlines()[-1] == said
    assert held.run("as-of", "2026-03-03", "accounts", "--json").json["without_snapshot"] == ["wiki"]
    assert held.run("as-of", "2026-03-03", "accounts", "okta", "--json").json["without_snapshot"] == []


def test_as_of_prints_text_and_cells_that_a_spreadsheet_takes_for_text(incident):
    held, _, promoted = incident
    _others(held, "POST", f"users/{promoted}", {"profile": {"title": "=1+1\u202eevil\x1b[31m"}})
    group = httpx.post(f"{held.okta.url}/api/v1/groups", headers=OKTA, json={"profile": {"name": "=1+1", "description": ""}}).json()["id"]
    _others(held, "PUT", f"groups/{group}/users/{next(each['id'] for each in held.state['okta']['users'] if each['status'] == 'ACTIVE')}")
    assert held.run("extract", hour=18).code == 0
    assert '"\'=1+1"' in held.run("as-of", "2026-03-03", "members", "okta", "=1+1", "--csv").out
    table = held.run("as-of", "2026-03-03", "accounts", "okta", promoted, "--csv").out
    told = held.run("as-of", "2026-03-03", "accounts", "okta", promoted).out
    assert table.startswith('"system","taken_at","id"')
    assert "title: " in told
    for text in (table, told):
        assert "\x1b" not in text
        assert "\u202e" not in text
    for words, said in (
        (("yesterday", "accounts"), "is not a time"),
        (("0001-01-01T00:00+05:00", "accounts"), "is not a time"),
        (("2026-03-03", "nobody"), "nobody"),
        (("2026-03-03", "accounts", "workers"), "has no accounts of it. There is okta, wiki."),
        (("2026-03-01", "accounts"), "there is no snapshot at or before"),
        (("2026-03-03", "accounts", "--csv", "--json"), "do not go together"),
    ):
        ended = held.run("as-of", *words)
        assert (ended.code, ended.out) == (2, ""), words
        assert said in ended.err, words


def test_a_change_lies_after_the_last_read_that_did_not_fail(calm):
    held = calm()
    assert held.run("extract", hour=11).code == 0
    promoted = held.morning.promoted.email
    assert held.night().code == 10
    held.okta.add_fault(Fault(FaultKind.STATUS, path="/api/v1/users", method="GET", status=503, headers=AT_ONCE))
    assert held.run("extract", hour=13).code == ExitCode.UNTRUSTED
    held.okta.clear_faults()
    assert held.run("extract", hour=14).code == 0
    run = held.run("runs", "--json").json["runs"][0]["id"]
    okta = [each for each in held.run("history", promoted, "--json").json["changes"] if each["system"] == "okta"]
    assert [(each["since"][11:13], each["until"][11:13], each["run"]) for each in okta if each["name"] == "title"] == [("12", "14", run)]
    assert [each["name"] for each in okta if each["run"] != run and each["since"]] == []


def test_a_run_is_credited_with_the_attributes_that_it_wrote_and_others_with_the_rest(calm):
    held = calm()
    assert held.run("extract", hour=11).code == 0
    promoted = held.morning.promoted.email
    assert held.night().code == 10
    # Between the same two reads as the run, on an account of which the run wrote the title.
    _others(held, "POST", f"users/{promoted}", {"profile": {"city": "Elsewhere"}})
    _others(held, "POST", f"users/{promoted}/lifecycle/suspend")
    assert held.run("extract", hour=14).code == 0
    run = held.run("runs", "--json").json["runs"][0]["id"]
    found = held.run("history", promoted, "--since", "2026-03-02T12:30", "--json", hour=19).json["changes"]
    by = {each["name"]: each["run"] for each in found if each["system"] == "okta"}
    assert (by["title"], by["city"], by["state"]) == (run, "", "")
    assert "city" in held.run("between", "2026-03-02T12:30", "2026-03-03", hour=19).out

    # Of a plan that is lost it is known only that the run changed attributes of the account.
    plan = held.run("runs", "--json").json["runs"][0]["plan_digest"]
    (held.folder / "state" / "plans" / plan).rename(held.folder / "kept")
    found = held.run("history", promoted, "--since", "2026-03-02T12:30", "--json", hour=19).json["changes"]
    by = {each["name"]: each["run"] for each in found if each["system"] == "okta"}
    assert (by["title"], by["city"], by["state"]) == (run, run, "")


def test_runs_are_known_by_the_order_of_entries_where_the_clock_ran_ahead_and_was_set_back(calm):
    held = calm()
    assert held.run("extract", hour=11).code == 0
    promoted, ahead = held.morning.promoted.email, DAY + timedelta(days=3)
    assert held.run("run", "--live", today=ahead).code == 10
    assert held.run("extract", hour=14).code == 0
    run = held.run("runs", "--json").json["runs"][0]["id"]
    assert held.run("extract", hour=15).code == 0
    okta = [each for each in held.run("history", promoted, "--json").json["changes"] if each["system"] == "okta" and each["since"]]
    assert {(each["run"], each["since"][:10], each["until"][:10]) for each in okta} == {(run, str(ahead), str(DAY))}
    assert "title" in {each["name"] for each in okta}

"""After an incident: what changed, when, from what to what, and whether a run of ours did it or others."""

import httpx
import pytest

OKTA = {"Authorization": "SSWS sandbox-token"}
AFTER_THE_NIGHT = "2026-03-02T15:00"


@pytest.fixture
def incident(calm):
    """A night at noon, and in the afternoon others who took nine people out of a group and changed a title."""
    held = calm()
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
    return held, {logins[member] for member in members}, promoted


def _others(held, method, path, body=None):
    answer = httpx.request(method, f"{held.okta.url}/api/v1/{path}", headers=OKTA, json=body)
    assert answer.is_success, answer.text


def test_who_lost_names_everybody_who_lost_the_group_and_that_others_did_it(incident):
    held, members, _ = incident
    assert members
    lost = held.run("who-lost", "Managers", "--since", AFTER_THE_NIGHT, "--json").json["changes"]
    assert {each["who"] for each in lost} == members
    assert {(each["kind"], each["run"], each["since"][11:13], each["until"][11:13]) for each in lost} == {("lost", "", "14", "17")}
    assert "lost managers, by others" in held.run("who-lost", "managers", "--since", AFTER_THE_NIGHT).out
    assert held.run("who-lost", "managers", "--since", "2026-03-04").out == "No change was read.\n"
    assert held.run("who-lost", "no such group", "--since", AFTER_THE_NIGHT).code == 2


def test_history_of_a_person_says_what_a_run_did_and_what_others_did(incident):
    held, _, promoted = incident
    run = held.run("runs", "--json").json["runs"][0]["id"]
    ended = held.run("history", promoted, "--json")
    assert ended.code == 0, ended.err
    found = ended.json["changes"]
    titles = [(each["after"], each["run"]) for each in found if (each["system"], each["name"]) == ("okta", "title")]
    assert titles == [("Grand Vizier", run), ("Her own words", "")]
    assert any(each["system"] == "workers" for each in found)
    assert held.run("history", promoted, "--since", AFTER_THE_NIGHT, "--json").json["changes"] == [
        each for each in found if each["until"] > AFTER_THE_NIGHT
    ]
    told = held.run("history", promoted).out
    assert "title 'Grand Vizier' became 'Her own words', by others" in told
    assert held.run("history", "nobody at all").code == 2


def test_between_two_times_shows_what_each_did_and_nothing_of_the_first_reads(incident):
    held, members, _ = incident
    run = held.run("runs", "--json").json["runs"][0]["id"]
    night = held.run("between", "2026-03-02", AFTER_THE_NIGHT, "--json").json["changes"]
    okta = [each for each in night if each["system"] == "okta"]
    assert okta
    assert {each["run"] for each in okta} == {run}
    assert all(each["since"] for each in night)
    later = held.run("between", AFTER_THE_NIGHT, "2026-03-03")
    assert f"okta: {len(members)} lost by others" in later.out
    assert "okta: 1 attribute by others" in later.out


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

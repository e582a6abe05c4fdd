"""Two days of a company in another shape: Workday's columns, contractors beside them, and an Okta org with groups without members.

What is expected comes from the lists beside the files: who is who on each day, and what happened between the two. Leave is no part
of it: the mapping says leave = "keep", so people who go on leave or return keep their accounts as they are.
"""

import csv
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox

from .night_worlds import Ended, reconcile

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "hr"
PROJECT = Path(__file__).parent / "workday"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside the project")


@dataclass(frozen=True)
class Days:
    """An org after the first day, with what the second day's plan says."""

    folder: Path
    okta: Sandbox
    first: Ended
    after_first: list[dict[str, Any]]
    members_after_first: dict[str, list[str]]
    second: dict[str, Any]

    def run(self, *words: str, today: date | None = None) -> Ended:
        return reconcile("--project", str(self.folder), *words, today=today)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    folder = tmp_path_factory.mktemp("workday") / "project"
    shutil.copytree(PROJECT, folder)
    (folder / "hr").mkdir()
    _arrive(folder, "20260302")
    groups = [{"profile": {"name": name}} for name in ("contractors", *_organisations())]
    with running(OktaSandbox({"groups": groups, "users": [_owner()]})) as okta:
        settings = folder / "reconcile.toml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("https://your-org.okta.com", okta.url), encoding="utf-8")
        (folder / "okta.token").write_text("sandbox-token", encoding="utf-8")
        first = reconcile("--project", str(folder), "run", "--clock", "2026-03-02", "--live")
        state: dict[str, Any] = okta.app.state()
        _arrive(folder, "20260303")
        reconcile("--project", str(folder), "extract")
        second = reconcile("--project", str(folder), "plan", "--clock", "2026-03-03", "--json").json
        yield Days(folder, okta, first, state["users"], _members(state), second)


def _arrive(folder: Path, day: str) -> None:
    for file in SAMPLES.glob(f"*_{day}.csv*"):
        shutil.copyfile(file, folder / "hr" / file.name)


def _organisations() -> set[str]:
    with (SAMPLES / "workday_workers_20260302.csv").open(encoding="utf-8", newline="") as lines:
        return {row["Supervisory_Organization"] for row in csv.DictReader(lines)}


def _owner() -> dict[str, Any]:
    """Who made the token: no org is without somebody."""
    return {"profile": {"login": "owner@example.com", "email": "owner@example.com", "firstName": "Token", "lastName": "Owner"}}


def _members(state: dict[str, Any]) -> dict[str, list[str]]:
    numbers = {user["id"]: user["profile"].get("employeeNumber") for user in state["users"]}
    return {
        group["profile"]["name"]: sorted(numbers[user] for user in state["members"].get(group["id"], []))
        for group in state["groups"]
        if group["type"] == "OKTA_GROUP"
    }


def _truth(day: str) -> list[dict[str, Any]]:
    return json.loads((SAMPLES / f"truth_{day}.json").read_text(encoding="utf-8"))


def _number(person: dict[str, Any]) -> str:
    return person["contractor_id"] or person["workday_id"]


def _due(day: str) -> dict[str, dict[str, Any]]:
    """Who should have an account on a day, by number: started, not gone, and with an address."""
    clock = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return {
        _number(person): person
        for person in _truth(day)
        if person["status"] not in ("Terminated", "Future Hire")
        and person["hire"] <= clock
        and not (person["term"] and person["term"] < clock)
        and person["email"]
    }


def test_first_night_gives_every_working_person_an_account(days):
    due = _due("20260302")
    assert days.first.code == 0, days.first.err
    accounts = {user["profile"]["employeeNumber"]: user for user in days.after_first if "employeeNumber" in user["profile"]}
    assert len(days.after_first) == len(accounts) + 1
    assert accounts.keys() == due.keys()
    assert len(accounts) > 280
    for number, person in due.items():
        profile = accounts[number]["profile"]
        assert profile["login"] == profile["email"] == person["email"].lower()
        assert profile["lastName"] == (person["pref_last"] or person["last"])[:50]
        assert profile["title"] == person["title"] or person["contractor_id"]
        assert profile.get("managerId") == (f"00{person['mgr']}" if person["mgr"] and not person["contractor_id"] else None)
    assert {user["status"] for user in days.after_first} <= {"ACTIVE", "PROVISIONED"}


def test_the_first_night_fills_the_groups(days):
    due = _due("20260302")
    with (SAMPLES / "workday_workers_20260302.csv").open(encoding="utf-8", newline="") as lines:
        organisation = {row["Employee_ID"]: row["Supervisory_Organization"] for row in csv.DictReader(lines) if row["Primary_Job"] == "Y"}
    employees = sorted(number for number in due if number in organisation)
    assert days.members_after_first["contractors"] == sorted(due.keys() - organisation.keys())
    for name in _organisations():
        assert days.members_after_first[name] == [number for number in employees if organisation[number] == name], name


def test_the_second_plan_is_what_changed_between_the_days_no_more_and_no_less(days):
    planned = Counter(_shown(operation) for operation in days.second["operations"])
    changes = json.loads((SAMPLES / "changes.json").read_text(encoding="utf-8"))
    expected = Counter(intended for change in changes for intended in _intended(change))
    assert planned == expected
    # The owner of the token is nobody's account; four hires get accounts that nothing here mails to them.
    assert {finding["kind"] for finding in days.second["findings"]} == {"unmanaged", "no_way_in"}


def _shown(operation: dict[str, Any]) -> tuple[str, str, str]:
    """Verb, number, and what of it: the group, or the attributes that change."""
    what = operation["entitlement"]
    if operation["verb"] == "update":
        what = " ".join(sorted(operation["after"]))
    return operation["verb"], operation["anchor"], what


def _intended(change: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The operations that one change should lead to."""
    before, after = ({_number(person): person for person in _truth(day)} for day in ("20260302", "20260303"))
    number = next(number for number, person in after.items() if person["pid"] == change["pid"])
    match change["change"]:
        case "leave_started" | "returned_from_leave":
            return
        case "terminated":
            yield "deactivate", number, ""
            yield "remove_member", number, before[number]["dept"]
        case "contractor_ended_by_conversion":
            yield "deactivate", number, ""
            yield "remove_member", number, "contractors"
        case "hired" | "rehired" | "contractor_became_employee":
            # Whoever is rehired left before the first night, so that no account of theirs was ever made.
            yield "create", number, ""
            yield "add_member", number, after[number]["dept"]
        case "moved_department":
            yield "update", number, "costCenter department title"
            yield "add_member", number, change["new"]
            yield "remove_member", number, change["old"]
        case "surname_changed":
            yield "update", number, "displayName lastName"
        case "manager_changed":
            yield "update", number, "managerId"
        case other:
            pytest.fail(f"nothing is known of the change {other}")


def test_the_second_night_ends_with_nothing_left_to_do(days):
    assert days.run("apply", "--live", today=date(2026, 3, 3)).code == 0
    days.run("extract")
    assert days.run("plan", "--clock", "2026-03-03").code == 0
    active = {user["profile"].get("employeeNumber") for user in days.okta.app.state()["users"] if user["status"] != "DEPROVISIONED"}
    assert active - {None} == _due("20260303").keys()

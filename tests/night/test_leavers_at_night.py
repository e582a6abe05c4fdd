"""Leavers in a real org over real requests: suspended and back, deactivated, vanished from the file, deleted only on request."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox

from .night_worlds import Ended, reconcile

SETTINGS = """
[project]
name = "small"

[connectors.people]
type = "hr_csv"
path = "hr/people.csv"
companion = "none"
columns = ["no", "name", "mail", "status"]
key = ["no"]

[connectors.okta]
type = "okta"
url = "{okta}"
token = "file:okta.token"
"""
IDENTITIES = """
name = "name"
[[source]]
connector = "people"
anchor = "no"
[source.attributes]
name = "name"
mail = "mail"
[source.lifecycle]
status = "status"
active = ["active"]
leave = ["leave"]
terminated = ["left"]
"""
MAPPING = """
target = "okta"
{more}
[[correlate]]
account = "login"
identity = "mail"
adopt = true
[attributes]
login = "mail"
email = "mail"
firstName = "name"
lastName = "name"
[groups.all]
group = "all"
"""
NAMES = ("ann", "bob", "cyd", "dee", "eve", "fay")


@dataclass
class Small:
    """A project of six people, and its org."""

    folder: Path
    okta: Sandbox

    def says(self, more: str) -> None:
        (self.folder / "mappings/okta.toml").write_text(MAPPING.format(more=more), encoding="utf-8")

    def hr(self, day: int, **status: str) -> None:
        """The file that was exported on one day: everybody is active but for whom another word is given; `gone` has no row."""
        words = {name: status.get(name, "active") for name in NAMES}
        lines = [f"{name},{name.title()},{name}@example.com,{word},{day}" for name, word in words.items() if word != "gone"]
        path = self.folder / "hr/people.csv"
        path.write_text("\n".join(["no,name,mail,status,exported", *lines]) + "\n", encoding="utf-8")
        self.touch(day)

    def touch(self, day: int) -> None:
        """The file was last changed on that day."""
        os.utime(self.folder / "hr/people.csv", (1_700_000_000 + day * 86_400,) * 2)

    def run(self, *words: str) -> Ended:
        return reconcile("--project", str(self.folder), *words)

    def night(self) -> Ended:
        return self.run("run", "--live")

    def status(self, name: str) -> str:
        return next(
            (user["status"] for user in self.okta.app.state()["users"] if user["profile"]["login"] == f"{name}@example.com"), "gone"
        )

    def later(self, days: int) -> None:
        """All that was read and done so far was so many days earlier."""
        with contextlib.closing(duckdb.connect(self.folder / "state" / "store.duckdb")) as store:
            for table, column in (("snapshot", "taken_at"), ("rest", "since")):
                store.execute(
                    f"UPDATE {table} SET {column} = strftime(CAST(substr({column}, 1, 19) AS TIMESTAMP) - INTERVAL {days} DAY, '%Y-%m-%dT%H:%M:%S+00:00')"
                )

    @property
    def lifecycle(self) -> list[str]:
        """What was asked of users' states so far."""
        writes = ((request.method, request.path) for request in self.okta.writes())
        return [
            path.rpartition("/")[2] if method == "POST" else method
            for method, path in writes
            if "/lifecycle/" in path or _is_a_user(method, path)
        ]


def _is_a_user(method: str, path: str) -> bool:
    return method == "DELETE" and path.count("/") == 4 and "/users/" in path


def _active(name: str) -> dict[str, object]:
    mail = f"{name}@example.com"
    return {"profile": {"login": mail, "email": mail, "firstName": name.title(), "lastName": name.title()}, "status": "ACTIVE"}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    """Six people with accounts that this job has adopted, and the owner of the token."""
    users = [_active(name) for name in ("owner", *NAMES)]
    with running(OktaSandbox({"users": users, "groups": [{"profile": {"name": "all"}}]})) as okta:
        for name in ("mappings", "hr"):
            (tmp_path / name).mkdir()
        (tmp_path / "reconcile.toml").write_text(SETTINGS.format(okta=okta.url), encoding="utf-8")
        (tmp_path / "mappings/identities.toml").write_text(IDENTITIES, encoding="utf-8")
        (tmp_path / "okta.token").write_text("sandbox-token", encoding="utf-8")
        held = Small(tmp_path, okta)
        held.says("")
        held.hr(0)
        ended = held.night()
        assert ended.code == 0, ended
        yield held


def test_person_on_leave_is_suspended_and_reactivated_on_return(small):
    small.says('leave = "suspend"')
    small.hr(1, ann="leave")
    assert small.night().code == 0
    assert (small.status("ann"), small.lifecycle[-1]) == ("SUSPENDED", "suspend")
    small.hr(2)
    assert small.night().code == 0
    assert (small.status("ann"), small.lifecycle[-1]) == ("ACTIVE", "unsuspend")
    assert small.run("plan").code == 0


def test_deletions_are_in_a_plan_with_deletions_and_not_in_a_night(small):
    small.says("delete_after_days = 30")
    small.hr(1, ann="left")
    assert small.night().code == 0
    assert small.status("ann") == "DEPROVISIONED"
    small.later(days=31)
    small.hr(2, ann="left")
    assert small.night().code == 0
    assert small.status("ann") == "DEPROVISIONED"
    waiting = small.run("plan")
    assert (waiting.code, "1 account of okta is due to be deleted" in waiting.out) == (0, True)
    planned = small.run("plan", "--deletions", "--json")
    assert (planned.code, [each["verb"] for each in planned.json["operations"]]) == (10, ["delete"])
    # The dry run writes nothing; live is that same plan.
    assert small.run("apply", planned.json["plan"]["digest"]).code == 10
    assert small.status("ann") == "DEPROVISIONED"
    assert small.run("apply", planned.json["plan"]["digest"], "--live").code == 0
    assert (small.status("ann"), small.lifecycle[-1]) == ("gone", "DELETE")
    assert small.night().code == 0
    assert small.run("plan", "--deletions").code == 0


def test_person_missing_from_three_different_files_is_deactivated_and_a_repeated_file_does_not_count(small):
    small.says('vanished = "deactivate"')
    small.hr(1, ann="gone")
    for day in range(1, 5):
        small.later(days=1)
        small.touch(day)
        assert small.night().code == 10
    assert small.status("ann") != "DEPROVISIONED"
    assert "absent from 1 of 3 complete reads" in small.run("plan").out
    for day, code in ((5, 10), (6, 0)):
        small.later(days=1)
        small.hr(day, ann="gone")
        assert small.night().code == code
    assert small.status("ann") == "DEPROVISIONED"
    small.later(days=1)
    small.hr(7)
    assert small.night().code == 0
    assert small.status("ann") in ("ACTIVE", "PROVISIONED")


def test_scim_application_refuses_suspension(small):
    with running(ScimSandbox({})) as wiki:
        settings = small.folder / "reconcile.toml"
        more = f'\n[connectors.wiki]\ntype = "scim"\nurl = "{wiki.url}{BASE_PATH}"\ntoken = "file:wiki.token"\nempty_ok = true\n'
        settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
        (small.folder / "wiki.token").write_text("sandbox", encoding="utf-8")
        text = 'target = "wiki"\nleavers = "suspend"\n[attributes]\nuserName = "mail"\n'
        (small.folder / "mappings/wiki.toml").write_text(text, encoding="utf-8")
        assert small.run("extract").code == 0
        ended = small.run("plan")
        assert (ended.code, 'wiki does not support suspension; say "deactivate"' in ended.err) == (16, True)
        checked = small.run("check")
        assert (checked.code, "wiki does not support suspension" in checked.out) == (16, True)

"""Reading only what changed, between whole reads: what is not in it says nothing, and nothing is taken for it."""

import contextlib

import duckdb
import pytest

from connectors.sandbox.host import Fault, FaultKind
from tests.night.night_worlds import CLOCK

from .story_faults import AT_ONCE
from .story_worlds import Person, Story

CHANGED, MOVER, DELETED = Person(1), Person(3), Person(6)


@pytest.fixture
def incremental(at_office: Story) -> Story:
    """An office whose org was read whole a moment ago, and is read by what changed from now on."""
    at_office.reading("okta", "incremental = true")
    return at_office


def _read(story: Story, *words: str) -> dict:
    story.systems["okta"].forget_requests()
    ended = story.run("extract", "--json", *words)
    assert ended.code == 0
    return ended.json["okta"]


def _by_hand(story: Story, login: str, **profile: str) -> None:
    """Somebody changes an account in the org itself."""
    app = story.systems["okta"].app
    state = app.state()
    for user in state["users"]:
        if user["profile"]["login"] == login:
            user["profile"] |= profile
            user["lastUpdated"] = _now(story)
    app.seed(state)


def _now(story: Story) -> str:
    return story.systems["okta"].app._org.now()


def _delete(story: Story, login: str) -> None:
    app = story.systems["okta"].app
    state = app.state()
    (gone,) = [user["id"] for user in state["users"] if user["profile"]["login"] == login]
    app.seed(
        {
            **state,
            "users": [each for each in state["users"] if each["id"] != gone],
            "members": {group: [each for each in held if each != gone] for group, held in state["members"].items()},
        }
    )


def test_after_a_whole_read_only_what_changed_is_asked_for(incremental):
    _by_hand(incremental, CHANGED.login, title="Engineer")
    read = _read(incremental)
    assert (read["delta"], read["records"]) == (True, 1)
    users = [path for path in incremental.asked("okta") if path.startswith("/api/v1/users?")]
    assert len(users) == 1
    assert "lastUpdated" in users[0]
    assert not [path for path in incremental.asked("okta") if "/users" in path and "/groups/" in path]


def test_members_of_groups_that_did_not_change_stay_proven(incremental):
    _by_hand(incremental, CHANGED.login, title="Engineer")
    _read(incremental)
    incremental.lines(lambda lines: [line.replace("Sales", "Finance") if line.startswith(MOVER.anchor) else line for line in lines])
    night = incremental.night()
    assert (night.code, night.err) == (0, "")
    done = {(each["verb"], each["entitlement"]) for each in incremental.plan()["operations"]}
    assert done == {("update", ""), ("add_member", "finance"), ("remove_member", "sales")}
    assert incremental.night().code == 0
    assert incremental.plan()["operations"] == []


def test_a_group_that_changed_is_read_whole(incremental):
    app = incremental.systems["okta"].app
    state = app.state()
    state["members"]["00gsales"].remove(next(each["id"] for each in state["users"] if each["profile"]["login"] == MOVER.login))
    next(each for each in state["groups"] if each["id"] == "00gsales")["lastMembershipUpdated"] = _now(incremental)
    app.seed(state)
    assert _read(incremental)["memberships"] == 19
    assert incremental.run("plan", *CLOCK).code == 10
    assert [(each["verb"], each["who"], each["entitlement"]) for each in incremental.plan()["operations"]] == [
        ("add_member", MOVER.login, "sales")
    ]


def test_deletion_unseen_by_a_delta_plans_no_removal(incremental):
    _delete(incremental, DELETED.login)
    assert _read(incremental)["delta"]
    assert incremental.run("plan", *CLOCK).code == 0
    assert "account_missing" not in [each["kind"] for each in incremental.plan()["findings"]]
    assert not _read(incremental, "--whole")["delta"]
    assert incremental.run("plan", *CLOCK).code == 10
    (finding,) = [each for each in incremental.plan()["findings"] if each["kind"] == "account_missing"]
    assert finding["anchor"] == DELETED.anchor


def test_a_whole_read_follows_when_the_last_one_is_too_old(incremental):
    assert _read(incremental)["delta"]
    incremental.edit("reconcile.toml", "incremental = true", "incremental = true\nfull_every_hours = 20")
    with contextlib.closing(duckdb.connect(incremental.folder / "state" / "store.duckdb")) as store:
        store.execute("UPDATE snapshot SET taken_at = '2026-03-01T12:00:00.000+00:00'").fetchall()
    read = _read(incremental)
    assert (read["delta"], read["records"]) == (False, 61)


def test_a_whole_read_follows_one_that_was_not_complete(incremental):
    """What was missed then changed before the next watermark: no delta would bring it."""
    incremental.systems["okta"].add_fault(Fault(FaultKind.STATUS, path="groups/00gsales/users", status=503, headers=AT_ONCE))
    assert incremental.run("extract", "--whole").code == 12
    incremental.systems["okta"].clear_faults()
    assert not _read(incremental)["delta"]
    assert _read(incremental)["delta"]

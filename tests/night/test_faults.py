"""What a night makes of systems that misbehave: faults that pass change nothing, the others stop what depends on them and only that."""

from collections.abc import Iterator

import pytest

from connectors.sandbox.host import Fault, FaultKind

from .conftest import FirstNight, calm_world
from .hr_oracle import holdings
from .night_worlds import AT_ONCE, World

K = FaultKind
LIMIT = {**AT_ONCE, "X-Rate-Limit-Limit": "600", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "0"}
CREATE, PROFILE, MEMBER = r"^/api/v1/users\?", r"^/api/v1/users/[^/]+$", r"^/api/v1/groups/"

PASSING = {
    "while it reads": (
        [
            Fault(K.STATUS, path=r"^/api/v1/users\?", status=429, headers=LIMIT, times=2),
            Fault(K.DROP_BEFORE, path=r"^/api/v1/groups\?", times=1),
            Fault(K.STATUS, path=r"^/api/v1/groups/[^/]+/users", status=500, headers=AT_ONCE, times=2),
        ],
        [
            Fault(K.STATUS, path="/Users", status=429, headers=AT_ONCE, times=2),
            Fault(K.DROP_AFTER, path="/Groups", times=1),
            Fault(K.STATUS, path="/Groups", status=500, headers=AT_ONCE, after=1, times=1),
        ],
    ),
    "refused for a moment": (
        [Fault(K.STATUS, method=method, status=429, headers=LIMIT, times=2) for method in ("POST", "PUT", "DELETE")],
        [Fault(K.STATUS, method=method, status=429, headers=AT_ONCE, times=2) for method in ("POST", "PATCH")],
    ),
    "lost before they are carried out": (
        [
            Fault(K.DROP_BEFORE, method="POST", path=CREATE, times=1),
            Fault(K.STATUS, method="POST", path=PROFILE, status=500, times=1),
            Fault(K.STATUS, method="POST", path="/deactivate", status=502, times=1),
            Fault(K.STATUS, method="PUT", path=MEMBER, status=500, headers=AT_ONCE, times=1),
        ],
        [Fault(K.STATUS, method="POST", status=500, times=1), Fault(K.DROP_BEFORE, method="PATCH", times=1)],
    ),
    "carried out, and the answer lost": (
        [
            Fault(K.DROP_AFTER, method="POST", path=CREATE, times=1),
            Fault(K.STATUS_AFTER, method="POST", path=PROFILE, times=1),
            Fault(K.DROP_AFTER, method="POST", path="/deactivate", times=1),
            Fault(K.DROP_AFTER, method="PUT", path=MEMBER, times=1),
            Fault(K.STATUS_AFTER, method="DELETE", path=MEMBER, headers=AT_ONCE, times=1),
        ],
        [Fault(K.DROP_AFTER, method="POST", times=1), Fault(K.STATUS_AFTER, method="PATCH", status=504, times=2)],
    ),
    "answered with what is no user": (
        [Fault(K.BODY, method="POST", path=CREATE, body="<html>sign in</html>", times=1)],
        [Fault(K.BODY, method="POST", body="{}", times=1)],
    ),
}


@pytest.mark.parametrize("faults", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_changes_nothing(calm, undisturbed, faults):
    held = calm()
    for system, armed in zip((held.okta, held.wiki), faults, strict=True):
        for fault in armed:
            system.add_fault(fault)
    night = held.night()
    assert (night.code, night.err) == (10, "")
    for system in (held.okta, held.wiki):
        assert all(armed.seen > armed.fault.after for armed in system._struck.faults._armed)
    _is(held, "okta", undisturbed.after)
    _is(held, "wiki", undisturbed.after)
    assert held.remembered() == undisturbed.remembered


ORIGIN = {"Location": "http://127.0.0.1:9/elsewhere"}
DOUBTED = {
    "a malformed page": Fault(K.BODY, path="users.*after=", body='[{"id": "00u1", "sta', times=1),
    "a page of HTML": Fault(K.BODY, path="users.*after=", body="<html>sign in</html>", headers={"Content-Type": "text/html"}),
    "a redirect": Fault(K.REDIRECT, path=r"users\?", headers=ORIGIN),
    "an empty list": Fault(K.BODY, path=r"users\?", body="[]", headers={"Link": ""}),
    "a page that is missing for good": Fault(K.STATUS, path="users.*after=", status=503, headers=AT_ONCE),
    "another token": Fault(K.STATUS, path=r"users\?", status=401, body='{"errorCode": "E0000011"}'),
}


@pytest.fixture(scope="module")
def doubted(first_night: FirstNight, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A calm world with several pages of users."""
    with calm_world(first_night, tmp_path_factory.mktemp("doubted") / "project") as held:
        held.edit("reconcile.toml", 'type = "okta"\n', 'type = "okta"\npage_size = 20\n')
        yield held


@pytest.mark.parametrize("fault", DOUBTED.values(), ids=DOUBTED)
def test_users_that_cannot_be_read_freeze_their_system_and_no_other(doubted, undisturbed, fault):
    doubted.okta.add_fault(fault)
    night = doubted.night()
    doubted.okta.clear_faults()
    assert night.code == 12
    assert "NOT COMPLETE  okta: accounts: " in night.err
    assert doubted.okta.writes() == []
    _is(doubted, "okta", undisturbed.before)
    _is(doubted, "wiki", undisturbed.after)


def test_when_the_users_can_be_read_again_all_is_caught_up(doubted, undisturbed):
    assert doubted.night().code == 10
    _is(doubted, "okta", undisturbed.after)
    assert doubted.settled()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(K.BODY, path="/Users", body="<html>sign in</html>", headers={"Content-Type": "text/html"}),
        Fault(K.BODY, path="/Users", body='{"totalResults": 60, "Resources": []}'),
    ],
    ids=["a page of HTML", "fewer than it declares"],
)
def test_a_scim_application_that_cannot_be_read_is_not_written_to(calm, undisturbed, fault):
    held = calm()
    held.wiki.add_fault(fault)
    assert held.night().code == 12
    assert held.wiki.writes() == []
    _is(held, "okta", undisturbed.after)


def test_a_group_whose_members_cannot_be_read_is_frozen_alone(calm, undisturbed):
    held = calm()
    group = next(each["id"] for each in held.state["okta"]["groups"] if each["profile"]["name"] == "all-employees")
    held.okta.add_fault(Fault(K.STATUS, path=f"groups/{group}/users", method="GET", status=503, headers=AT_ONCE))
    night = held.night()
    assert night.code == 12
    assert f"members {group}" in night.err
    found = holdings(held.state)["okta"]
    assert found.accounts == undisturbed.after["okta"].accounts
    assert found.groups["all-employees"] == undisturbed.before["okta"].groups["all-employees"]
    assert {**found.groups, "all-employees": 0} == {**undisturbed.after["okta"].groups, "all-employees": 0}
    _is(held, "wiki", undisturbed.after)
    held.okta.clear_faults()
    assert held.night().code == 10
    _is(held, "okta", undisturbed.after)
    assert held.settled()


def test_a_list_of_groups_that_cannot_be_read_freezes_memberships_and_not_accounts(calm, undisturbed):
    held = calm()
    held.okta.add_fault(Fault(K.STATUS, path=r"^/api/v1/groups\?", status=503, headers=AT_ONCE))
    assert held.night().code == 12
    found = holdings(held.state)["okta"]
    assert found.accounts == undisturbed.after["okta"].accounts
    assert found.groups == undisturbed.before["okta"].groups


REFUSING = {
    "every write fails": Fault(K.STATUS, method="POST", status=503, headers=AT_ONCE),
    "the token ends": Fault(K.STATUS, method="POST", path="/deactivate", status=401, body='{"errorCode": "E0000011"}'),
}


@pytest.mark.parametrize("fault", REFUSING.values(), ids=REFUSING)
def test_what_a_system_refuses_is_left_for_the_next_night(calm, undisturbed, fault):
    held = calm()
    held.okta.add_fault(fault)
    assert held.night().code == 13
    _is(held, "wiki", undisturbed.after)
    held.okta.clear_faults()
    assert held.night().code == 10
    _is(held, "okta", undisturbed.after)
    assert held.remembered() == undisturbed.remembered


def test_what_a_system_judged_and_refused_waits_until_the_mappings_change(calm, undisturbed):
    held = calm()
    held.okta.add_fault(Fault(K.STATUS, method="POST", path=PROFILE, status=400, body='{"errorCode": "E0000001"}', times=1))
    assert held.night().code == 13
    held.okta.forget_requests()
    for _ in range(2):
        assert held.night().code == 10
        assert held.okta.writes() == []
    with (held.folder / "mappings" / "okta.toml").open("a", encoding="utf-8") as file:
        file.write("# Try again.\n")
    assert held.night().code == 10
    _is(held, "okta", undisturbed.after)
    assert held.remembered() == undisturbed.remembered


def _is(held: World, system: str, wanted: dict) -> None:
    found = holdings(held.state)[system]
    assert found.accounts == wanted[system].accounts
    assert found.groups == wanted[system].groups

"""What happens between plan and apply: rows whose account is no longer as the plan saw it are refused, the others are applied."""

from typing import Any

import httpx
import pytest

from .hr_oracle import ENTERPRISE, holdings
from .night_worlds import World

OKTA = {"Authorization": "SSWS sandbox-token"}
WIKI = {"Authorization": "Bearer sandbox", "Content-Type": "application/scim+json"}

PATCH = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}


def _somebody(method: str, url: str, headers: dict[str, str], body: object = None) -> Any:
    """Somebody else changes something by hand."""
    answer = httpx.request(method, url, headers=headers, json=body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def _okta(held: World, method: str, path: str, body: object = None) -> None:
    _somebody(method, f"{held.okta.url}/api/v1/{path}", OKTA, body)


def _wiki_id(held: World, login: str) -> str:
    return next(user["id"] for user in held.state["wiki"]["users"] if user["userName"] == login)


def _wiki_edits(held: World, login: str, **values: object) -> None:
    operations = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    body = {**PATCH, "Operations": operations}
    _somebody("PATCH", f"{held.wiki.url}/v2/Users/{_wiki_id(held, login)}", WIKI, body)


def _group_id(held: World, name: str) -> str:
    return next(group["id"] for group in held.state["okta"]["groups"] if group["profile"]["name"] == name)


def _outcomes(plan: dict[str, Any], **wanted: str) -> list[tuple[str, str]]:
    """Verb and outcome of the operations with these values."""
    found = [each for each in plan["operations"] if all(each[key] == value for key, value in wanted.items())]
    return [(each["verb"], each["outcome"]["kind"]) for each in found]


def test_account_edited_by_hand_is_refused_and_the_rest_applied(before_a_night, undisturbed):
    held = before_a_night.world
    promoted = held.morning.promoted.email
    _okta(held, "POST", f"users/{promoted}", {"profile": {"title": "Her own words"}})
    _wiki_edits(held, promoted, title="Her own words")
    ended = held.run("apply", "--live", "--json")
    assert ended.code == 14
    for target in ("okta", "wiki"):
        assert _outcomes(ended.json, target=target, who=promoted) == [("update", "moved")]
    assert {each["outcome"]["kind"] for each in ended.json["operations"] if each["who"] != promoted} == {"done"}
    found = holdings(held.state)
    for system in ("okta", "wiki"):
        wanted = undisturbed.after[system]
        assert found[system].accounts[promoted]["title"] == "Her own words"
        assert {**found[system].accounts, promoted: 0} == {**wanted.accounts, promoted: 0}
        assert found[system].groups == wanted.groups


def test_change_by_hand_of_another_attribute_is_kept(before_a_night, undisturbed):
    held = before_a_night.world
    promoted = held.morning.promoted.email
    _okta(held, "POST", f"users/{promoted}", {"profile": {"nickName": "Vizzy"}})
    _wiki_edits(held, promoted, nickName="Vizzy", **{f"{ENTERPRISE}:division": "North"})
    assert held.run("apply", "--live").code == 10
    found = holdings(held.state)
    assert found["okta"].accounts[promoted] == {**undisturbed.after["okta"].accounts[promoted], "nickName": "Vizzy"}
    raw = next(user for user in held.state["wiki"]["users"] if user["userName"] == promoted)
    assert (raw["nickName"], raw[ENTERPRISE]["division"], raw["title"]) == ("Vizzy", "North", "Grand Vizier")


def test_change_made_by_hand_is_not_repeated_and_not_owned(before_a_night, undisturbed):
    held, plan = before_a_night.world, before_a_night.plan
    leaver, mover = held.morning.leaver.email, held.morning.mover.email
    group = next(each["entitlement"] for each in plan["operations"] if (each["who"], each["verb"]) == (mover, "add_member"))
    _okta(held, "POST", f"users/{leaver}/lifecycle/deactivate")
    _okta(held, "PUT", f"groups/{_group_id(held, group)}/users/{_okta_id(held, mover)}")
    held.okta.forget_requests()
    ended = held.run("apply", "--live", "--json")
    assert ended.code == 10
    assert ("deactivate", "already") in _outcomes(ended.json, target="okta", who=leaver)
    assert _outcomes(ended.json, target="okta", who=mover, verb="add_member") == [("add_member", "already")]
    assert not any("lifecycle/deactivate" in request.path for request in held.okta.writes())
    assert holdings(held.state)["okta"].groups == undisturbed.after["okta"].groups
    assert undisturbed.remembered[1] - held.remembered()[1] == {("okta", mover, group)}


@pytest.mark.parametrize("target", ["okta", "wiki"])
def test_nobody_is_added_to_a_group_that_was_renamed_by_hand_and_the_dry_run_says_so(before_a_night, target):
    held, plan = before_a_night.world, before_a_night.plan
    additions = [each for each in plan["operations"] if (each["target"], each["verb"]) == (target, "add_member")]
    name, id_ = additions[0]["entitlement"], additions[0]["entitlement_id"]
    kept = [each for each in additions if each["entitlement"] != name]
    before = holdings(held.state)[target].groups[name]
    if target == "okta":
        _okta(held, "PUT", f"groups/{id_}", {"profile": {"name": "prod-admins"}})
    else:
        body = {**PATCH, "Operations": [{"op": "replace", "path": "displayName", "value": "prod-admins"}]}
        _somebody("PATCH", f"{held.wiki.url}/v2/Groups/{id_}", WIKI, body)
    said = f"the name of the group was {name!r} and is 'prod-admins' now; "
    dry, ended = held.run("apply", "--json"), held.run("apply", "--live", "--json")
    assert (dry.code, ended.code) == (14, 14)
    for told in (dry.json, ended.json):
        rows = [each for each in told["operations"] if (each["target"], each["entitlement"], each["verb"]) == (target, name, "add_member")]
        assert {(each["outcome"]["kind"], each["outcome"]["detail"].startswith(said)) for each in rows} == {("moved", True)}
    assert all(("add_member", "done") in _outcomes(ended.json, id=each["id"]) for each in kept)
    assert holdings(held.state)[target].groups["prod-admins"] <= before


@pytest.mark.parametrize("target", ["okta", "wiki"])
def test_account_deactivated_by_hand_is_not_changed(before_a_night, target):
    held = before_a_night.world
    promoted = held.morning.promoted.email
    if target == "okta":
        _okta(held, "POST", f"users/{promoted}/lifecycle/deactivate")
    else:
        _wiki_edits(held, promoted, active=False)
    dry = held.run("apply", "--json")
    assert (dry.code, _outcomes_reached(dry.json)) == (14, {("update", "moved")})
    ended = held.run("apply", "--live", "--json")
    assert _outcomes(ended.json, target=target, who=promoted) == [("update", "moved")]
    assert ended.code == 14
    account = holdings(held.state)[target].accounts[promoted]
    assert (account["works"], account["title"]) == (False, held.morning.promoted.title)


def test_account_created_by_hand_meanwhile_is_not_taken_over(before_a_night):
    held = before_a_night.world
    starter = held.morning.starter
    profile = {"login": starter, "email": starter, "firstName": "Some", "lastName": "Body"}
    _okta(held, "POST", "users?activate=true", {"profile": profile, "credentials": {"password": {"value": "Correct7horse"}}})
    ended = held.run("apply", "--live", "--json")
    kinds = dict(_outcomes(ended.json, target="okta", anchor="0099999"))
    assert kinds == {"create": "moved", "add_member": "held"}
    account = holdings(held.state)["okta"].accounts[starter]
    assert (account["firstName"], account.get("employeeNumber")) == ("Some", None)
    assert holdings(held.state)["wiki"].accounts[starter]["works"]


def _outcomes_reached(plan: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["verb"], each["outcome"]["kind"]) for each in plan["operations"] if each["outcome"]}


def _okta_id(held: World, login: str) -> str:
    return next(user["id"] for user in held.state["okta"]["users"] if user["profile"]["login"] == login)

"""Groups are renamed, described and deleted only where that takes nothing from a person and breaks no rule of the org."""

from typing import Any

import pytest

from connectors.errors import Conflict, Rejected
from connectors.okta.connector import Okta
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import group, group_id, org, rule, user


def an_org(**more: Any) -> dict[str, Any]:
    groups = [group(1, "Staff"), group(2, "Fed"), group(3, "Payroll", "APP_GROUP"), group(4, "Empty")]
    return {"users": [user(1)], "groups": groups, "rules": [rule(1, "Feeds", "ACTIVE", 2)], **more}


def profile(sandbox: Any, number: int) -> dict[str, Any]:
    return next(each["profile"] for each in sandbox.app.state()["groups"] if each["id"] == group_id(number))


async def renamed(okta: Okta, number: int, name: str) -> str:
    seen = await okta.read_group(group_id(number))
    assert seen is not None
    return (await okta.update_group(seen.id, {"name": name}, seen)).name


def test_rename_keeps_the_description(tmp_path):
    async def story(okta):
        made = await okta.create_group("Sales", "Sells")
        await okta.update_group(made.id, {"name": "Vente & Söhne"}, made)
        return made.id

    with org(an_org(), tmp_path) as (sandbox, tell):
        made = tell(story)
        shown = next(each["profile"] for each in sandbox.app.state()["groups"] if each["id"] == made)
        assert shown == {"name": "Vente & Söhne", "description": "Sells"}


@pytest.mark.parametrize(("number", "reason"), [(2, "group rule"), (3, "application or directory")])
def test_group_that_a_rule_or_an_application_fills_is_neither_renamed_nor_deleted(tmp_path, number, reason):
    async def story(okta):
        with pytest.raises(Rejected, match=reason):
            await renamed(okta, number, "Other")
        with pytest.raises(Rejected, match=reason):
            await okta.delete_group(group_id(number))

    with org(an_org(), tmp_path) as (sandbox, tell):
        tell(story)
        assert profile(sandbox, number)["name"] in ("Fed", "Payroll")


@pytest.mark.parametrize("status", [400, 409])
def test_name_of_another_group_is_a_conflict(tmp_path, status):
    async def story(okta):
        with pytest.raises(Conflict):
            await renamed(okta, 4, "Staff")

    with org(an_org(), tmp_path, duplicate_group_status=status) as (sandbox, tell):
        tell(story)
        assert profile(sandbox, 4)["name"] == "Empty"


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.STATUS])
def test_rename_whose_answer_is_lost_is_read_back(tmp_path, kind):
    fault = Fault(kind, method="PUT", path=r"/groups/", times=1, **({"status": 503} if kind is FaultKind.STATUS else {}))
    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(fault)
        if kind is FaultKind.DROP_AFTER:
            assert tell(lambda okta: renamed(okta, 4, "Void")) == "Void"
        else:
            with pytest.raises(Exception, match="503"):
                tell(lambda okta: renamed(okta, 4, "Void"))
        assert profile(sandbox, 4)["name"] == ("Void" if kind is FaultKind.DROP_AFTER else "Empty")


def test_deletion_whose_answer_is_lost_is_done(tmp_path):
    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="DELETE", path=r"/groups/", times=1))
        tell(lambda okta: okta.delete_group(group_id(4)))
        assert group_id(4) not in {each["id"] for each in sandbox.app.state()["groups"]}

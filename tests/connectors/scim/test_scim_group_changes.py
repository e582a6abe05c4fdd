"""Groups of a SCIM application are renamed by PATCH or PUT and deleted when empty; what the answer claims is read back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.errors import PreconditionFailed, Rejected
from connectors.sandbox.host import Fault, FaultKind, WireAnswer, WireRequest
from connectors.sandbox.scim import ScimSandbox, ScimSandboxSettings
from connectors.scim.connector import Scim

GROUP = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g1", "displayName": "Pilots", "members": [{"value": "u1"}]}


async def renamed(scim: Scim, name: str) -> str:
    seen = await scim.read_group("g1")
    assert seen is not None
    return (await scim.update_group("g1", {"name": name}, seen)).name


def world(user: Any, **more: Any) -> dict[str, Any]:
    return {"users": [user(1)], "groups": [{**GROUP, **more}]}


class Deaf(ScimSandbox):
    """Answers a change of a group with 200 and changes nothing, or drops the members with it."""

    drops = False

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method != "PATCH":
            return await super().answer(request)
        if self.drops:
            self.seed({"users": self.state()["users"], "groups": [{**GROUP, "displayName": "Crew", "members": []}]})
        return WireAnswer(status=200, headers=[("content-type", "application/scim+json")], body=json.dumps(GROUP).encode())


@pytest.mark.parametrize("form", ["patch", "put"])
def test_rename_keeps_members_and_vendor_attributes(serve: Any, user: Any, form: str) -> None:
    app = serve(ScimSandbox(world(user, externalId="hr-7"), settings=ScimSandboxSettings(patch=form == "patch")))
    assert app.run(lambda scim: renamed(scim, 'Crew "A" \\ B'), dialect_overrides={"group_update": form}) == 'Crew "A" \\ B'
    held = app.held("groups", "g1")
    assert ([each["value"] for each in held["members"]], held["externalId"]) == (["u1"], "hr-7")


def test_rename_without_effect_is_refused(serve: Any, user: Any) -> None:
    with pytest.raises(Rejected, match="still named 'Pilots'"):
        serve(Deaf(world(user))).run(lambda scim: renamed(scim, "Crew"))


def test_rename_that_empties_the_group_says_whom_it_lost(serve: Any, user: Any) -> None:
    app = Deaf(world(user))
    app.drops = True
    with pytest.raises(Rejected, match=r"MEMBERS LOST.*1 members \(u1\)"):
        serve(app).run(lambda scim: renamed(scim, "Crew"))


def test_rename_whose_answer_is_lost_is_read_back(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox(world(user)))
    app.sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="PATCH", path="/Groups/", times=1))
    assert app.run(lambda scim: renamed(scim, "Crew")) == "Crew"


@pytest.mark.parametrize(("setting", "sentence"), [("group_rename", "not renamed"), ("group_delete", "not deleted")])
def test_what_the_dialect_rules_out_is_not_sent(serve: Any, user: Any, setting: str, sentence: str) -> None:
    app = serve(ScimSandbox(world(user, members=[])))

    async def work(scim: Scim) -> None:
        assert not (scim.traits.can.group_attributes and scim.traits.can.delete_groups)
        await (renamed(scim, "Crew") if setting == "group_rename" else scim.delete_group("g1"))

    with pytest.raises(Rejected, match=sentence):
        app.run(work, dialect_overrides={setting: False})
    assert app.held("groups", "g1")["displayName"] == "Pilots"


def test_group_that_may_have_unseen_members_is_not_deleted(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox(world(user)))
    with pytest.raises(Rejected, match="cannot be told"):
        app.run(lambda scim: scim.delete_group("g1"), dialect_overrides={"most_members_shown": 1})
    with pytest.raises(PreconditionFailed, match="has members"):
        app.run(lambda scim: scim.delete_group("g1"))


def test_group_with_a_group_inside_is_not_empty(serve: Any, user: Any) -> None:
    inside = world(user, members=[{"value": "g2", "type": "Group"}])
    with pytest.raises(PreconditionFailed, match="has members"):
        serve(ScimSandbox(inside)).run(lambda scim: scim.delete_group("g1"))

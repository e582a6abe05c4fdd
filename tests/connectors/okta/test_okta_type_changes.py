"""The type of an existing user changes by a replacement of the whole profile, in which nothing else may be lost."""

import json

import pytest

from connectors.errors import FalseAnswer, PreconditionFailed, Rejected, Uncertain
from connectors.okta.user_types import TYPE
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import org, user, user_id

CREW, POOR = "oty00000000000000crew", "oty00000000000000poor"
SEED = {
    "custom_attributes": {"badge": {"title": "Badge", "type": "string"}},
    "types": [{"default": True, "name": "user"}, {"id": CREW, "name": "crew"}, {"id": POOR, "name": "poor", "lacks": ["badge"]}],
    "users": [user(1, badge="red", title="Clerk"), user(2)],
}


@pytest.fixture
def acme(tmp_path):
    with org(SEED, tmp_path) as (sandbox, tell):
        yield sandbox, lambda story: tell(story, user_types=True)


def stored(sandbox, number=1):
    return next(each for each in sandbox.app.state()["users"] if each["id"] == user_id(number))


def changing(changes, number=1, meanwhile=lambda: None):
    """Reads a user, lets something happen, and changes the user."""

    async def story(okta):
        seen = await okta.read_account(user_id(number))
        meanwhile()
        return await okta.update_account(user_id(number), changes, seen)

    return story


def test_type_changes_and_every_other_value_stays(acme):
    sandbox, tell = acme
    before = stored(sandbox)
    after = tell(changing({TYPE: "crew"}))
    assert (after.values()[TYPE], after.values()["badge"], after.values()["title"]) == ("crew", "red", "Clerk")
    assert (stored(sandbox)["type"]["id"], stored(sandbox)["profile"]) == (CREW, before["profile"])
    assert [each.method for each in sandbox.writes()] == ["PUT"]
    assert sandbox.writes()[0].headers["if-match"]


def test_type_changes_together_with_other_attributes(acme):
    sandbox, tell = acme
    after = tell(changing({TYPE: "crew", "login": "new@example.com", "title": None}))
    assert (after.values()[TYPE], after.values()["login"], after.values().get("title")) == ("crew", "new@example.com", None)
    assert stored(sandbox)["profile"]["badge"] == "red"


def test_type_that_lacks_an_attribute_of_the_user_is_refused_before_anything_is_sent(acme):
    sandbox, tell = acme
    with pytest.raises(Rejected, match="the user type poor does not have badge, which this user has a value of"):
        tell(changing({TYPE: "poor"}))
    assert sandbox.writes() == []
    assert tell(changing({TYPE: "poor"}, number=2)).values()[TYPE] == "poor"


def test_value_that_is_cleared_with_the_change_is_none_that_is_lost(acme):
    sandbox, tell = acme
    assert tell(changing({TYPE: "poor", "badge": None})).values()[TYPE] == "poor"
    assert "badge" not in stored(sandbox)["profile"]


@pytest.mark.parametrize("name", ["pilots", None])
def test_type_that_the_org_does_not_have_is_refused(acme, name):
    sandbox, tell = acme
    with pytest.raises(Rejected, match="the org has no user type"):
        tell(changing({TYPE: name}))
    assert sandbox.writes() == []


def test_type_is_not_changed_where_schemas_cannot_be_read(acme):
    sandbox, tell = acme
    body = json.dumps({"errorCode": "E0000006", "errorSummary": "no"})
    sandbox.add_fault(Fault(FaultKind.STATUS, path="meta/schemas", status=403, body=body))
    with pytest.raises(Rejected, match="cannot be read, and the change would lose what it lacks"):
        tell(changing({TYPE: "crew"}))
    assert sandbox.writes() == []


def test_type_that_moved_is_not_overwritten(acme):
    sandbox, tell = acme

    def by_hand():
        state = sandbox.app.state()
        state["users"][0]["type"] = {"id": POOR}
        sandbox.app.seed(state)

    with pytest.raises(PreconditionFailed, match=f"has changed since it was read: {TYPE}"):
        tell(changing({TYPE: "crew"}, meanwhile=by_hand))
    assert sandbox.writes() == []


def test_change_by_others_between_the_look_and_the_replacement_is_not_undone(acme):
    sandbox, tell = acme
    sandbox.add_fault(Fault(FaultKind.STATUS, method="PUT", status=412))
    with pytest.raises(PreconditionFailed):
        tell(changing({TYPE: "crew"}))


def test_answer_that_shows_another_type_or_other_values_is_no_success(acme):
    sandbox, tell = acme
    held = SEED["users"][0]["profile"]
    for type_id, profile, said in (
        (POOR, held, "not 'crew'"),
        (CREW, user(1)["profile"], "did not keep badge, title"),
        (CREW, {**held, "badge": "blue"}, "did not keep badge"),
    ):
        body = json.dumps({"id": user_id(1), "status": "ACTIVE", "type": {"id": type_id}, "profile": profile})
        sandbox.add_fault(Fault(FaultKind.STATUS, method="PUT", times=1, status=200, body=body))
        with pytest.raises(FalseAnswer, match=said):
            tell(changing({TYPE: "crew"}))
        sandbox.clear_faults()


def test_lost_answer_is_uncertain(acme):
    sandbox, tell = acme
    sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="PUT"))
    with pytest.raises(Uncertain):
        tell(changing({TYPE: "crew"}))
    assert stored(sandbox)["type"]["id"] == CREW

"""What the verbs for accounts do, and what they refuse to believe."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.contract import AccountState, Record, Value
from connectors.errors import BadResponse, Conflict, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.sandbox.host import Fault, FaultKind
from connectors.sandbox.scim import ScimSandbox, ScimSandboxSettings
from connectors.sandbox.scim_limits import Deactivated, ScimLimits
from connectors.scim.connector import Scim

NEW: dict[str, Value] = {
    "userName": "new@example.com",
    "emails.work": "new@example.com",
    "name.givenName": "Nia",
    "enterprise.department": "Ops",
}
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def change(app: Any, changes: dict[str, Value], **settings: Any) -> Record:
    async def work(scim: Scim) -> Record:
        seen = await scim.read_account("u1")
        assert seen is not None
        return await scim.update_account("u1", changes, seen)

    return app.run(work, **settings)


def writes(app: Any) -> list[tuple[str, str]]:
    return [(request.method, request.path) for request in app.sandbox.writes()]


def test_a_new_account_is_active_and_given_back_as_it_was_read(app: Any) -> None:
    created = app.run(lambda scim: scim.create_account(NEW))
    assert created.state is AccountState.ACTIVE
    assert created.values() == NEW
    assert app.held("users", created.id)["emails"] == [{"value": "new@example.com", "type": "work", "primary": True}]
    assert [request.method for request in app.sandbox.requests()] == ["POST", "GET"]


def test_a_taken_name_is_a_conflict(app: Any) -> None:
    with pytest.raises(Conflict):
        app.run(lambda scim: scim.create_account({"userName": "PERSON1@example.com"}))


def test_what_the_dialect_requires_is_missed_before_anything_is_sent(app: Any) -> None:
    with pytest.raises(Rejected, match="title"):
        app.run(lambda scim: scim.create_account(NEW), dialect_overrides={"required": ["userName", "title"]})
    assert app.sandbox.requests() == []


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.STATUS, FaultKind.STATUS_AFTER])
def test_a_creation_whose_outcome_is_unknown_is_sent_once_and_said_to_be_uncertain(app: Any, kind: FaultKind) -> None:
    app.sandbox.add_fault(Fault(kind, method="POST", times=1))

    async def work(scim: Scim) -> int:
        with pytest.raises(Uncertain):
            await scim.create_account(NEW)
        return len(await scim.find_accounts("userName", "new@example.com"))

    assert app.run(work) == (1 if kind in (FaultKind.DROP_AFTER, FaultKind.STATUS_AFTER) else 0)
    assert writes(app) == [("POST", "/v2/Users")]


@pytest.mark.parametrize("body", ["", "{}", '{"userName": "new@example.com"}', "null"])
def test_a_creation_answered_without_an_id_is_looked_up(app: Any, body: str) -> None:
    app.sandbox.add_fault(Fault(FaultKind.BODY, method="POST", body=body))
    created = app.run(lambda scim: scim.create_account(NEW))
    assert created.values() == NEW


def test_a_creation_answered_without_an_id_that_made_nothing_is_uncertain(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="POST", status=201))
    with pytest.raises(Uncertain):
        app.run(lambda scim: scim.create_account(NEW))


def test_only_what_differs_is_sent_each_with_its_path(app: Any) -> None:
    changed = change(app, {"title": "Lead", "name.givenName": "Person", "emails.home": "h@example.com", "enterprise.manager": "u2"})
    assert changed.values()["title"] == "Lead"
    [sent] = app.sandbox.writes()
    assert [operation["path"] for operation in json.loads(sent.body)["Operations"]] == ["title", f"{ENTERPRISE}:manager", "emails"]
    assert app.held("users", "u1")["emails"] == [
        {"value": "person1@example.com", "type": "work", "primary": True},
        {"value": "h@example.com", "type": "home"},
    ]


def test_nothing_is_sent_where_nothing_differs(app: Any) -> None:
    change(app, {"name.givenName": "Person", "title": None, "nickName": ""})
    assert writes(app) == []


def test_none_clears_an_attribute_and_leaves_the_others(app: Any) -> None:
    before = app.held("users", "u1")
    change(app, {"name.familyName": None, "enterprise.department": None})
    after = app.held("users", "u1")
    assert after["name"] == {"givenName": "Person"}
    assert after["emails"] == before["emails"]
    assert "department" not in after.get(ENTERPRISE, {})


def test_a_put_keeps_everything_it_does_not_own(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox({"users": [user(1, nickName="Nick", timezone="Europe/Paris")]}))
    change(app, {"title": "Lead"}, dialect="okta-like")
    held = app.held("users", "u1")
    assert (held["title"], held["nickName"], held["timezone"], held["active"]) == ("Lead", "Nick", "Europe/Paris", True)
    assert writes(app) == [("PUT", "/v2/Users/u1")]


def test_an_application_without_any_optional_feature_is_served_by_put(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox({"users": [user(1)]}, settings=ScimSandboxSettings(bare=True)))
    own = {"user_update": "put", "active_update": "put"}
    assert change(app, {"title": "Lead"}, dialect_overrides=own).values()["title"] == "Lead"
    assert app.run(lambda scim: scim.deactivate_account("u1"), dialect_overrides=own).state is AccountState.DEACTIVATED
    [found] = app.run(lambda scim: scim.find_accounts("userName", "person1@example.com"))
    assert found.id == "u1"
    with pytest.raises(Rejected, match="501"):
        change(app, {"title": "Boss"})


def test_an_account_that_moved_since_it_was_read_is_not_changed(app: Any) -> None:
    async def work(scim: Scim) -> None:
        seen = await scim.read_account("u1")
        assert seen is not None
        await scim.update_account("u1", {"title": "First"}, seen)
        with pytest.raises(PreconditionFailed, match="title"):
            await scim.update_account("u1", {"title": "Second"}, seen)
        await scim.update_account("u1", {"nickName": "N"}, seen)

    app.run(work)
    assert app.held("users", "u1")["title"] == "First"


@pytest.mark.parametrize(("etag", "sent"), [("off", []), ("advertised", ['W/"1"']), ("always", ['W/"1"'])])
def test_a_version_is_sent_only_where_the_dialect_or_the_service_says_so(app: Any, etag: str, sent: list[str]) -> None:
    change(app, {"title": "Lead"}, dialect_overrides={"etag": etag})
    [write] = app.sandbox.writes()
    assert [value for name, value in write.headers.items() if name == "if-match"] == sent


def test_no_version_is_sent_where_the_service_disclaims_etags(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox({"users": [user(1)]}, settings=ScimSandboxSettings(bare=True)))
    change(app, {"title": "Lead"}, dialect="okta-like")
    assert "if-match" not in app.sandbox.writes()[0].headers


def test_an_account_that_was_read_again_since_it_was_seen_is_compared_without_a_version_too(app: Any) -> None:
    async def work(scim: Scim) -> None:
        seen = await scim.read_account("u1")
        assert seen is not None
        await scim.update_account("u1", {"title": "First"}, seen)
        assert await scim.read_account("u1") != seen
        with pytest.raises(PreconditionFailed, match="title"):
            await scim.update_account("u1", {"title": "Second"}, seen)

    app.run(work, dialect_overrides={"etag": "off"})


def test_write_starts_from_the_account_as_it_was_seen_and_from_no_earlier_look(app: Any) -> None:
    async def work(scim: Scim) -> None:
        assert await scim.read_account("u1") is not None
        await _elsewhere(app, {"title": "Theirs"})
        [seen] = await scim.find_accounts("userName", "person1@example.com")
        assert (await scim.update_account("u1", {"title": "Ours"}, seen)).values()["title"] == "Ours"

    app.run(work, dialect_overrides={"etag": "off"})


def test_version_that_moved_with_another_attribute_keeps_nothing_from_being_changed(app: Any) -> None:
    async def work(scim: Scim) -> None:
        seen = await scim.read_account("u1")
        assert seen is not None
        await _elsewhere(app, {"displayName": "P. One"})
        changed = await scim.update_account("u1", {"title": "First"}, seen)
        assert (changed.values()["title"], changed.values()["displayName"]) == ("First", "P. One")
        await _elsewhere(app, {"title": "Theirs"})
        with pytest.raises(PreconditionFailed, match="title"):
            await scim.update_account("u1", {"title": "Ours"}, changed)

    app.run(work, dialect_overrides={"etag": "always"})


async def _elsewhere(app: Any, changes: dict[str, Value]) -> None:
    """Changes the account by another client."""
    other = Scim("other", app.settings(), app.folder)
    try:
        seen = await other.read_account("u1")
        assert seen is not None
        await other.update_account("u1", changes, seen)
    finally:
        await other.close()


def test_a_change_in_between_is_refused_by_the_version(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="PATCH", status=412, body='{"status": "412", "detail": "changed"}'))
    with pytest.raises(PreconditionFailed):
        change(app, {"title": "Lead"})


@pytest.mark.parametrize("status", [200, 204])
def test_a_change_that_was_answered_and_not_made_is_refused_by_name(app: Any, status: int) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="PATCH", status=status))
    with pytest.raises(Rejected, match=r"did not change nickName, title$"):
        change(app, {"title": "Lead", "nickName": "L"})


def test_a_change_whose_answer_was_lost_is_settled_by_reading_back(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="PATCH"))
    assert change(app, {"title": "Lead"}).values()["title"] == "Lead"
    app.sandbox.clear_faults()
    app.sandbox.add_fault(Fault(FaultKind.DROP_BEFORE, method="PATCH"))
    with pytest.raises(Uncertain):
        change(app, {"title": "Boss"})


def test_a_change_that_removes_something_else_is_refused_loudly(app: Any) -> None:
    wiped = {
        "id": "u1",
        "userName": "person1@example.com",
        "active": True,
        "title": "Lead",
        "name": {"givenName": "Person", "familyName": "1"},
    }
    app.sandbox.add_fault(Fault(FaultKind.BODY, method="GET", path="/Users/u1", after=1, body=json.dumps(wiped)))
    with pytest.raises(Rejected, match=r"also removed emails.work, enterprise.department"):
        change(app, {"title": "Lead"})


@pytest.mark.parametrize("form", ["patch_path", "patch_value", "put"])
def test_an_account_is_deactivated_and_activated_and_left_alone_where_it_is_so(app: Any, form: str) -> None:
    async def work(scim: Scim) -> list[AccountState]:
        verbs = [scim.deactivate_account, scim.deactivate_account, scim.activate_account, scim.activate_account]
        return [(await verb("u1")).state for verb in verbs]

    states = app.run(work, dialect_overrides={"active_update": form})
    assert states == [AccountState.DEACTIVATED] * 2 + [AccountState.ACTIVE] * 2
    assert len(app.sandbox.writes()) == 2


def test_a_deactivation_that_was_answered_and_not_made_is_refused(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="PATCH", status=204))
    with pytest.raises(Rejected, match="did not set active"):
        app.run(lambda scim: scim.deactivate_account("u1"))


def test_an_account_that_is_hidden_once_deactivated_counts_as_deactivated(app: Any) -> None:
    gone = '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404"}'
    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="GET", path="/Users/u1", after=1, status=404, body=gone))
    assert app.run(lambda scim: scim.deactivate_account("u1")).state is AccountState.DEACTIVATED


def test_accounts_are_deleted_only_where_the_dialect_says_so(app: Any) -> None:
    record = app.run(lambda scim: scim.deactivate_account("u1"), dialect_overrides={"deprovision": "delete"})
    assert record.state is AccountState.DEACTIVATED
    assert app.run(lambda scim: scim.read_account("u1")) is None
    assert ("DELETE", "/v2/Users/u1") in writes(app)


def test_a_deletion_that_was_answered_and_not_made_is_refused(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, method="DELETE", status=204))
    with pytest.raises(Rejected):
        app.run(lambda scim: scim.deactivate_account("u1"), dialect_overrides={"deprovision": "delete"})


def test_accounts_are_never_deactivated_where_the_dialect_forbids_it(app: Any) -> None:
    async def work(scim: Scim) -> bool:
        with pytest.raises(Rejected):
            await scim.deactivate_account("u1")
        return scim.traits.can.deactivate

    assert app.run(work, dialect_overrides={"deprovision": "never"}) is False
    assert writes(app) == []


def test_an_account_is_gone_only_when_a_scim_service_says_so(app: Any) -> None:
    assert app.run(lambda scim: scim.read_account("nobody")) is None
    app.sandbox.add_fault(Fault(FaultKind.STATUS, status=404, body="<html><title>404</title>Not Found</html>"))
    with pytest.raises(BadResponse, match="proves nothing"):
        app.run(lambda scim: scim.read_account("u1"))
    with pytest.raises(BadResponse):
        app.run(lambda scim: scim.deactivate_account("u1"))


def test_another_account_than_the_one_asked_for_is_not_believed(app: Any) -> None:
    app.sandbox.add_fault(Fault(FaultKind.BODY, method="GET", body='{"id": "u2", "userName": "person2@example.com", "active": true}'))
    with pytest.raises(BadResponse, match="something else"):
        app.run(lambda scim: scim.deactivate_account("u1"))
    assert writes(app) == []


def test_a_missing_account_cannot_be_changed(app: Any) -> None:
    with pytest.raises(NotFound):
        app.run(lambda scim: scim.activate_account("nobody"))


def test_ids_with_hostile_characters_stay_one_part_of_the_path(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox({"users": [user(1, id="k&K d==?#%2e../x")]}))
    app.run(lambda scim: scim.read_account("k&K d==?#%2e.."))
    assert app.sandbox.requests()[-1].path == "/v2/Users/k%26K%20d%3D%3D%3F%23%252e.."


def test_the_answers_own_resource_is_enough_where_the_operator_trusts_it(app: Any) -> None:
    app.run(lambda scim: scim.create_account(NEW), dialect_overrides={"verify": "body"})
    assert [request.method for request in app.sandbox.requests()] == ["POST"]


def test_the_token_is_in_no_error_whatever_the_server_repeats(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app.sandbox.add_fault(Fault(FaultKind.STATUS, status=403, body='{"detail": "Bearer sandbox may not"}'))
    with pytest.raises(Exception, match="may not") as caught:
        app.run(lambda scim: scim.activate_account("u1"))
    assert "sandbox" not in f"{caught.value!s} {caught.value!r}"


def test_a_long_patch_goes_in_as_many_requests_as_the_dialect_makes_of_it(serve: Any, user: Any) -> None:
    app = serve(ScimSandbox({"users": [user(1)]}, settings=ScimSandboxSettings(limits=ScimLimits(operations=2))))
    wanted: dict[str, Value] = {"title": "Lead", "nickName": "L", "displayName": "P One", "name.givenName": "P", "userType": "x"}
    changed = change(app, wanted, dialect_overrides={"max_operations": 2})
    assert {name: changed.values()[name] for name in wanted} == wanted
    assert [len(json.loads(sent.body)["Operations"]) for sent in app.sandbox.writes()] == [2, 2, 1]


def test_hidden_account_is_activated_unseen_unless_the_dialect_says_that_it_is_gone_or_wants_a_put(serve: Any, user: Any) -> None:
    limits = ScimLimits(deactivated=Deactivated.HIDDEN)
    app = serve(ScimSandbox({"users": [user(1, active=False)]}, settings=ScimSandboxSettings(limits=limits)))
    for wrong in ({"afterwards": "gone"}, {"active_update": "put"}):
        with pytest.raises(NotFound):
            app.run(lambda scim: scim.activate_account("u1"), dialect_overrides=wrong)
    assert app.sandbox.writes() == []
    for dialect in ({"afterwards": "hidden"}, {"afterwards": "stays"}):
        with pytest.raises(NotFound):
            app.run(lambda scim: scim.activate_account("nobody"), dialect_overrides=dialect)
        assert app.run(lambda scim: scim.activate_account("u1"), dialect_overrides=dialect).state is AccountState.ACTIVE


def test_staged_account_is_created_inactive_and_opened_later(app: Any) -> None:
    async def work(scim: Any) -> tuple[AccountState, AccountState]:
        staged = await scim.stage_account({"userName": "hire@example.com"})
        return staged.state, (await scim.activate_account(staged.id)).state

    assert app.run(work) == (AccountState.DEACTIVATED, AccountState.ACTIVE)
    assert json.loads(app.sandbox.writes()[0].body)["active"] is False


def test_activation_mail_is_refused(app: Any) -> None:
    with pytest.raises(Rejected, match="no activation mail"):
        app.run(lambda scim: scim.invite_account("u1"))

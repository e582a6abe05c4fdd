"""What each verb sends, that a repeat does nothing twice, and what is raised where the outcome is not known."""

import json

import pytest

from connectors.contract import AccountState
from connectors.errors import (
    BadResponse,
    Conflict,
    ConnectorError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unauthorised,
    Uncertain,
    Unreachable,
)
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import SECRET, group, group_id, org, user, user_id

NEW = {"login": "new@example.com", "email": "new@example.com", "firstName": "New", "lastName": "Person"}
ANN = user_id(1)


def one(status: str = "ACTIVE", **profile) -> dict:
    return {"users": [user(1, status, **profile), user(2)], "groups": [group(1, "Engineering"), group(2, "Directory", "APP_GROUP")]}


def sent(sandbox) -> list[str]:
    return [f"{request.method} {request.path.removeprefix('/api/v1')}" for request in sandbox.writes()]


def status_of(sandbox, number: int) -> str:
    return next(row["status"] for row in sandbox.app.state()["users"] if row["id"] == user_id(number))


def test_a_new_account_is_created_silently_and_active(tmp_path):
    async def story(okta):
        record = await okta.create_account({**NEW, "title": None})
        assert record.state is AccountState.ACTIVE
        assert record.values()["login"] == "new@example.com"
        assert await okta.read_account(record.id) == record

    with org(one(), tmp_path) as (sandbox, tell):
        tell(story)
        assert [(request.method, request.query) for request in sandbox.writes()] == [
            ("POST", "activate=false"),
            ("POST", "sendEmail=false"),
        ]
        assert json.loads(sandbox.writes()[0].body) == {"profile": {**NEW, "title": None}}


def test_staged_account_is_opened_with_the_activation_mail_where_it_is_asked_for(tmp_path):
    async def story(okta):
        staged = await okta.stage_account(NEW)
        assert staged.state is AccountState.STAGED
        assert (await okta.invite_account(staged.id)).state is AccountState.ACTIVE
        assert (await okta.invite_account(staged.id)).state is AccountState.ACTIVE

    with org(one(), tmp_path) as (sandbox, tell):
        tell(story)
        assert [(request.method, request.query) for request in sandbox.writes()] == [("POST", "activate=false"), ("POST", "sendEmail=true")]


def test_suspended_account_is_opened_without_a_mail(tmp_path):
    async def story(okta):
        assert (await okta.invite_account(ANN)).state is AccountState.ACTIVE

    with org(one("SUSPENDED"), tmp_path) as (sandbox, tell):
        tell(story)
        assert [(request.path.rpartition("/")[2], request.query) for request in sandbox.writes()] == [("unsuspend", "")]


def test_a_login_that_exists_is_a_conflict_and_an_unknown_attribute_is_rejected(tmp_path):
    async def story(okta):
        with pytest.raises(Conflict, match="already exists"):
            await okta.create_account({**NEW, "login": "USER1@example.com"})
        with pytest.raises(Rejected, match="shoeSize"):
            await okta.create_account({**NEW, "shoeSize": "44"})

    with org(one(), tmp_path) as (sandbox, tell):
        tell(story)
        assert len(sandbox.app.state()["users"]) == 2


@pytest.mark.parametrize(
    ("kind", "exists"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1), (FaultKind.STATUS_AFTER, 1), (FaultKind.STATUS, 0)]
)
def test_a_create_whose_answer_is_lost_is_uncertain_and_is_never_sent_twice(tmp_path, kind, exists):
    async def story(okta):
        with pytest.raises(Uncertain):
            await okta.create_account(NEW)
        found = await okta.find_accounts("login", "new@example.com")
        assert len(found) == exists
        for record in found:
            assert record.state is AccountState.STAGED
            assert (await okta.activate_account(record.id)).state is AccountState.ACTIVE

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(kind, method="POST", path=r"/users\?activate", times=1))
        tell(story)
        assert [request.path for request in sandbox.writes()].count("/api/v1/users") == 1
        assert len(sandbox.app.state()["users"]) == 2 + exists


def test_a_create_that_was_answered_with_nonsense_is_uncertain(tmp_path):
    async def story(okta):
        with pytest.raises(Uncertain):
            await okta.create_account(NEW)

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, method="POST", path=r"/users\?activate", body="{}"))
        tell(story)


def test_an_activation_that_is_under_way_is_waited_for(tmp_path):
    async def story(okta):
        assert (await okta.create_account(NEW)).status == "PROVISIONED"

    with org(one(), tmp_path, activation_seconds=0.3) as (_, tell):
        tell(story)


def test_an_update_changes_what_is_named_and_nothing_else(tmp_path):
    async def story(okta):
        seen = await okta.read_account(ANN)
        changed = await okta.update_account(ANN, {"title": "Lead", "city": None, "nickName": ""}, seen)
        assert changed.values() == {**{k: v for k, v in seen.values().items() if k != "city"}, "title": "Lead", "nickName": ""}
        # Only a read states a version.
        assert (await okta.read_account(ANN)).version not in ("", seen.version)
        assert changed.version == ""

    with org(one(city="Ghent", department="Sales"), tmp_path) as (sandbox, tell):
        tell(story)
        (write,) = sandbox.writes()
        assert write.method == "POST"
        assert json.loads(write.body) == {"profile": {"title": "Lead", "city": None, "nickName": ""}}


def test_an_update_of_what_has_moved_is_refused_before_it_is_sent(tmp_path):
    async def story(okta):
        seen = await okta.read_account(ANN)
        await okta.update_account(ANN, {"title": "Director"}, seen)
        with pytest.raises(PreconditionFailed, match="title"):
            await okta.update_account(ANN, {"title": "Lead"}, seen)
        assert (await okta.update_account(ANN, {"city": "Ghent"}, seen)).values()["title"] == "Director"

    with org(one(), tmp_path) as (_, tell):
        tell(story)


def test_a_change_between_look_and_write_is_refused_by_the_server(tmp_path):
    async def story(okta):
        seen = await okta.read_account(ANN)
        tell_etag = Fault(FaultKind.BODY, method="GET", path=f"/users/{ANN}", times=1, headers={"ETag": 'W/"old"'}, body=json.dumps(_shown))
        sandbox.add_fault(tell_etag)
        with pytest.raises(PreconditionFailed):
            await okta.update_account(ANN, {"title": "Lead"}, seen._replace(version=""))

    with org(one(), tmp_path) as (sandbox, tell):
        _shown = sandbox.app.state()["users"][0]
        tell(story)


def test_a_deactivated_profile_is_not_changed_and_not_called_missing(tmp_path):
    async def story(okta):
        seen = await okta.read_account(ANN)
        with pytest.raises(Rejected, match="deactivated"):
            await okta.update_account(ANN, {"title": "Lead"}, seen)

    with org(one("DEPROVISIONED"), tmp_path) as (_, tell):
        tell(story)


def test_change_that_was_accepted_and_not_made_shows_in_the_answer(tmp_path):
    async def story(okta):
        seen = await okta.read_account(ANN)
        changed = await okta.update_account(ANN, {"title": "Lead"}, seen)
        assert changed.values().get("title") == seen.values().get("title")

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, method="POST", path=f"/users/{ANN}", status=200, body=json.dumps(user(1))))
        tell(story)


@pytest.mark.parametrize(
    "status", ["STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED"]
)
@pytest.mark.parametrize("answer", [200, 204])
def test_deactivation_ends_at_deactivated_from_every_status_and_twice_is_once(tmp_path, status, answer):
    async def story(okta):
        for _ in range(2):
            assert (await okta.deactivate_account(ANN)).state is AccountState.DEACTIVATED

    with org(one(status), tmp_path, deactivate_status=answer) as (sandbox, tell):
        tell(story)
        expected = [] if status == "DEPROVISIONED" else [f"DELETE /users/{ANN}/sessions", f"POST /users/{ANN}/lifecycle/deactivate"]
        assert sent(sandbox) == expected
        assert all(request.query == "sendEmail=false" for request in sandbox.writes() if request.method == "POST")


@pytest.mark.parametrize(
    "status", ["STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED"]
)
def test_activation_ends_at_active_from_every_status_and_twice_is_once(tmp_path, status):
    async def story(okta):
        for _ in range(2):
            assert (await okta.activate_account(ANN)).state is AccountState.ACTIVE

    with org(one(status), tmp_path) as (sandbox, tell):
        tell(story)
        steps = {"STAGED": "activate", "DEPROVISIONED": "activate", "SUSPENDED": "unsuspend"}
        assert sent(sandbox) == ([f"POST /users/{ANN}/lifecycle/{steps[status]}"] if status in steps else [])


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.STATUS_AFTER])
def test_a_lifecycle_call_whose_answer_is_lost_is_judged_by_what_it_did(tmp_path, kind):
    async def story(okta):
        assert (await okta.deactivate_account(ANN)).state is AccountState.DEACTIVATED
        assert (await okta.activate_account(ANN)).state is AccountState.ACTIVE

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(kind, method="POST"))
        tell(story)
        assert len(sandbox.writes()) == 3


def test_a_lifecycle_call_that_did_nothing_is_uncertain_and_sent_once(tmp_path):
    async def story(okta):
        with pytest.raises(Uncertain):
            await okta.deactivate_account(ANN)

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.DROP_BEFORE, method="POST"))
        tell(story)
        assert sent(sandbox).count(f"POST /users/{ANN}/lifecycle/deactivate") == 1
        assert status_of(sandbox, 1) == "ACTIVE"


def test_change_that_another_client_made_first_is_success(tmp_path):
    async def story(okta):
        assert (await okta.deactivate_account(ANN)).state is AccountState.DEACTIVATED

    with org(one(), tmp_path) as (sandbox, tell):
        gone = '{"errorCode":"E0000007","errorSummary":"Not found: Resource not found: x (User)"}'
        sandbox.add_fault(Fault(FaultKind.STATUS_AFTER, method="POST", status=404, body=gone))
        tell(story)


def test_a_lifecycle_call_that_was_accepted_without_effect_is_uncertain(tmp_path):
    async def story(okta):
        with pytest.raises(Uncertain, match="still ACTIVE"):
            await okta.deactivate_account(ANN)

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, method="POST", status=200, body="{}"))
        tell(story)


def test_a_refusal_to_end_sessions_does_not_stop_the_deactivation(tmp_path):
    async def story(okta):
        assert (await okta.deactivate_account(ANN)).state is AccountState.DEACTIVATED

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, method="DELETE", status=403))
        tell(story)


def test_membership_is_added_and_removed_and_twice_is_once(tmp_path):
    async def story(okta):
        assert not await okta.has_member(group_id(1), ANN)
        for _ in range(2):
            await okta.add_member(group_id(1), ANN)
            assert await okta.has_member(group_id(1), ANN)
        for _ in range(2):
            await okta.remove_member(group_id(1), ANN)
            assert not await okta.has_member(group_id(1), ANN)

    with org(one(), tmp_path, page_size=1) as (_, tell):
        tell(story)


def test_a_membership_write_survives_a_lost_answer(tmp_path):
    async def story(okta):
        await okta.add_member(group_id(1), ANN)
        assert await okta.has_member(group_id(1), ANN)

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.DROP_AFTER, method="PUT", times=1))
        tell(story)


def test_what_does_not_exist_is_not_found_and_only_okta_can_say_so(tmp_path):
    async def story(okta):
        nobody = user_id(99)
        assert await okta.read_account(nobody) is None
        for verb in (okta.deactivate_account, okta.activate_account):
            with pytest.raises(NotFound):
                await verb(nobody)
        with pytest.raises(NotFound):
            await okta.update_account(nobody, {"title": "x"}, await okta.read_account(ANN))
        with pytest.raises(NotFound):
            await okta.add_member(group_id(99), ANN)
        with pytest.raises(NotFound):
            await okta.has_member(group_id(1), nobody)
        with pytest.raises((Rejected, Forbidden)):
            await okta.remove_member(group_id(2), ANN)
        sandbox.add_fault(Fault(FaultKind.STATUS, status=404, body="<html>no such page</html>"))
        with pytest.raises(BadResponse):
            await okta.read_account(ANN)

    with org(one(), tmp_path) as (sandbox, tell):
        tell(story)


def test_id_is_never_read_as_the_login_of_another_person(tmp_path):
    async def story(okta):
        with pytest.raises(BadResponse, match="another user"):
            await okta.read_account("user2@example.com")
        with pytest.raises(Rejected):
            await okta.deactivate_account("..")
        assert await okta.read_account("a/../b?c#d") is None

    with org(one(), tmp_path) as (sandbox, tell):
        tell(story)
        assert sandbox.writes() == []


def test_accounts_are_found_by_value_whatever_the_case_and_the_status(tmp_path):
    seed = {
        "users": [
            user(1, "DEPROVISIONED", email="Shared@example.com"),
            user(2, email="shared@example.com"),
            user(3, costCenter='7 "b" \\'),
            user(4),
        ]
    }

    async def story(okta):
        async def found(attribute: str, value: str) -> list[str]:
            return sorted(record.id for record in await okta.find_accounts(attribute, value))

        assert await found("login", "USER1@Example.com") == [user_id(1)]
        assert await found("login", "user1") == []
        assert await found("email", "SHARED@example.com") == [user_id(1), user_id(2)]
        assert await found("costCenter", '7 "b" \\') == [user_id(3)]
        assert await found("costCenter", '" or profile.login pr or profile.title eq "') == []
        assert await found("login", '" or status eq "ACTIVE') == []
        with pytest.raises(Rejected):
            await found('title eq "x" or login', "y")

    with org(seed, tmp_path) as (_, tell):
        tell(story)


def test_failed_search_is_never_an_empty_answer(tmp_path):
    async def story(okta):
        with pytest.raises((BadResponse, Unreachable)):
            await okta.find_accounts("login", "user1@example.com")

    for fault in (
        Fault(FaultKind.STATUS, status=503),
        Fault(FaultKind.STATUS, status=404, body="<html>"),
        Fault(FaultKind.BODY, body="{}"),
    ):
        with org(one(), tmp_path) as (sandbox, tell):
            sandbox.add_fault(fault)
            tell(story)


def test_no_error_of_any_verb_shows_the_token(tmp_path):
    async def story(okta):
        seen = await okta.read_account(ANN)
        verbs = [
            lambda: okta.read_account(ANN),
            lambda: okta.find_accounts("title", "x"),
            lambda: okta.create_account(NEW),
            lambda: okta.update_account(ANN, {"title": "x"}, seen),
            lambda: okta.deactivate_account(ANN),
            lambda: okta.activate_account(ANN),
            lambda: okta.add_member(group_id(1), ANN),
            lambda: okta.has_member(group_id(1), ANN),
        ]
        for kind in (FaultKind.STATUS, FaultKind.DROP_BEFORE, FaultKind.BODY):
            sandbox.clear_faults()
            sandbox.add_fault(Fault(kind, status=401 if kind is FaultKind.STATUS else 200, body="<html>"))
            for verb in verbs:
                with pytest.raises(ConnectorError) as caught:
                    await verb()
                error = caught.value
                assert SECRET not in f"{error} {error!r} {error.__dict__} {error.__cause__!r} {error.__context__!r}"
                assert isinstance(error, Unauthorised) == (kind is FaultKind.STATUS)

    with org(one(), tmp_path) as (sandbox, tell):
        tell(story)

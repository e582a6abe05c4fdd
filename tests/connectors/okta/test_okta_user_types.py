"""The type of a user is read as an attribute and set on creation, and changed under review alone."""

import json

import pytest

from connectors.contract import ReadRequest
from connectors.errors import Rejected
from connectors.http.retry import RetryPolicy
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.okta.user_types import TYPE
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import ACCOUNTS, everything, org, user, user_id

CREW = "oty00000000000000crew"
SEED = {
    "types": [{"default": True, "name": "user"}, {"id": CREW, "name": "crew"}],
    "users": [user(1), {**user(2), "type": {"id": CREW}}, user(3, "DEPROVISIONED")],
}
NEW = {"login": "new@example.com", "email": "new@example.com", "firstName": "A", "lastName": "B"}


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    with org(SEED, tmp_path_factory.mktemp("org")) as (sandbox, tell):
        yield sandbox, tell


def types_of(okta, pages):
    return {each.id: each.values().get(TYPE) for page in pages for each in okta.decode(page).records}


def test_each_user_shows_the_name_of_their_type_in_the_list_and_alone(acme):
    _, tell = acme

    async def story(okta):
        pages, ends = await everything(okta)
        assert not ends[ACCOUNTS].problem
        single = await okta.read_account(user_id(2))
        (found,) = await okta.find_accounts("login", "user1@example.com")
        return types_of(okta, pages[ACCOUNTS]), single.values(), found.values()

    listed, alone, found = tell(story, user_types=True)
    assert [listed[user_id(number)] for number in (1, 2, 3)] == ["user", "crew", "user"]
    assert (alone[TYPE], alone["login"], found[TYPE]) == ("crew", "user2@example.com", "user")


def test_an_org_is_read_as_before_where_types_are_not_asked_for(acme):
    sandbox, tell = acme
    sandbox.forget_requests()

    async def story(okta):
        pages, _ = await everything(okta)
        return types_of(okta, pages[ACCOUNTS])

    assert set(tell(story).values()) == {None}
    assert not [each for each in sandbox.requests() if "/meta/types" in each.path]


def test_a_user_is_created_in_the_type_that_is_named_and_an_unknown_one_is_refused_with_the_list(acme):
    sandbox, tell = acme

    async def story(okta):
        made = await okta.stage_account({**NEW, TYPE: "crew"})
        default = await okta.stage_account({**NEW, "login": "other@example.com"})
        sandbox.forget_requests()
        with pytest.raises(Rejected, match="the org has no user type 'pilots'; it has crew, user"):
            await okta.stage_account({**NEW, "login": "third@example.com", TYPE: "pilots"})
        return made, default

    made, default = tell(story, user_types=True)
    assert (made.values()[TYPE], default.values()[TYPE]) == ("crew", "user")
    assert sandbox.writes() == []
    stored = next(each for each in sandbox.app.state()["users"] if each["id"] == made.id)
    assert stored["type"]["id"] == CREW
    assert TYPE not in stored["profile"]


def test_the_types_are_declared_and_the_type_of_a_user_is_changed_under_review_alone(acme, tmp_path):
    _, tell = acme

    async def story(okta):
        return await okta.declared_attributes()

    assert tell(story, user_types=True)[TYPE].allowed == ("crew", "user")
    assert TYPE not in tell(story)
    for used in (True, False):
        settings = OktaSettings.model_validate({"url": "https://acme.okta.com", "token": "file:token", "user_types": used})
        traits = Okta("acme", settings, tmp_path, patience=RetryPolicy()).traits
        assert (TYPE in traits.immutable) is (TYPE in traits.renamable) is used


def test_a_delta_shows_types_too(acme):
    _, tell = acme

    async def story(okta):
        pages, _ = await everything(okta, ReadRequest(since="2020-01-01T00:00:00+00:00"))
        return types_of(okta, pages[ACCOUNTS])

    assert tell(story, user_types=True)[user_id(2)] == "crew"


def test_types_that_cannot_be_read_make_the_list_of_users_incomplete(tmp_path):
    with org(SEED, tmp_path) as (sandbox, tell):
        body = json.dumps({"errorCode": "E0000006", "errorSummary": "no"})
        sandbox.add_fault(Fault(FaultKind.STATUS, path="meta/types", status=403, body=body))

        async def story(okta):
            return await everything(okta)

        pages, ends = tell(story, user_types=True)
    assert ACCOUNTS not in pages
    assert "a role that may view the user types" in ends[ACCOUNTS].problem


@pytest.mark.parametrize("row", ['{"id":"x"}', '{"id":"x","type":7}', '{"id":"x","type":{}}', "[]", "7"])
def test_a_row_without_a_type_stays_as_it_is(acme, row):
    _, tell = acme

    async def story(okta):
        return await okta._org.types.page(f"[{row}]".encode())

    assert tell(story, user_types=True) == f"[{row}]".encode()

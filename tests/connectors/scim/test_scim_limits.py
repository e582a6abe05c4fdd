"""What a SCIM answer states that no answer may, and what it costs."""

import json

import pytest

from connectors.bounds import LARGEST_COUNT
from connectors.contract import RawPage, Scope, ScopeKind
from connectors.errors import BadResponse, Rejected
from connectors.scim import decode as wire
from connectors.scim.client import resource_path

GOOD = '{"id":"good","userName":"g@example.com"}'


def users(*resources: str):
    body = f'{{"totalResults":{len(resources)},"Resources":[{",".join(resources)}]}}'
    return wire.users(RawPage(Scope(ScopeKind.ACCOUNTS), 1, body.encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize(
    ("resource", "known", "said"),
    [
        ('{"id":"u1","userName":"a","USERNAME":"b"}', "u1", "states USERNAME twice, and differently"),
        ('{"id":"u1","name":{"givenName":"A","givenname":"B"}}', "u1", "states givenname twice"),
        ('{"id":"u1","emails":[{"value":"a","VALUE":"b","type":"work"}]}', "u1", "states VALUE twice"),
        ('{"id":"u1","active":true,"Active":false}', "u1", "states Active twice"),
        ('{"id":"u1","a":' + "[" * 80 + "]" * 80 + "}", "u1", "levels deep"),
        ('{"id":"u1","title":' + "[" * 80 + "]" * 80 + "}", "u1", "levels deep"),
        ('{"id":"u1","a":' + "9" * 50 + "}", "u1", "digits"),
        ('{"id":"u1","a":' + "9" * 5_000 + "}", "u1", "digits"),
        ('{"id":"u1","title":' + "9" * 50 + "}", "u1", "digits"),
        ('{"id":"u1","a":"\\ud800"}', "u1", "no Unicode"),
        ('{"id":".."}', "", "no id that can be used"),
        ('{"id":"."}', "", "no id that can be used"),
        ('{"id":"a\\u0000b"}', "", "no id that can be used"),
        ('{"id":"' + "u" * 1_001 + '"}', "", "no id that can be used"),
        ('{"id":' + "9" * 5_000 + "}", "", "no id that can be used"),
        ('{"id":null}', "", "no id that can be used"),
    ],
)
def test_a_user_that_is_beyond_the_limits_costs_one_row(resource, known, said):
    rows = users(GOOD, resource, GOOD.replace("good", "good2"))
    assert [each.id for each in rows.records] == ["good", "good2"]
    (odd,) = rows.quarantined
    assert (odd.position, odd.id) == ("page 1, record 2", known)
    assert said in odd.reason


def test_a_user_that_states_one_value_in_two_spellings_is_a_user():
    assert users('{"id":"u1","userName":"a","USERNAME":"a"}').records[0].values() == {"userName": "a"}


@pytest.mark.parametrize(
    "part",
    [
        '"groups":{"value":1,"Value":2}',
        '"meta":{"version":"1","Version":"2"}',
        '"schemas":[{"a":1,"A":2}]',
    ],
)
@pytest.mark.parametrize("other", ["", ',"badge":"7"'])
def test_a_contradiction_where_no_attribute_is_costs_nothing_in_whatever_company(part, other):
    """Beside an attribute of no standard the user is read the thorough way, which has to come to the same."""
    rows = users(f'{{"id":"u1","userName":"a",{part}{other}}}')
    assert [each.id for each in rows.records] == ["u1"]
    assert list(rows.quarantined) == []


@pytest.mark.parametrize("total", ["1e400", "9" * 17, "9" * 5_000, '"' + "9" * 5_000 + '"', '"' + "9" * 30 + '"'])
def test_a_total_that_nothing_has_is_never_that_of_the_list(total):
    try:
        assert wire.listing(f'{{"totalResults":{total},"Resources":[]}}'.encode()).total in (LARGEST_COUNT, None)
    except BadResponse:
        assert total == "1e400"


@pytest.mark.parametrize(
    ("total", "counted"), [("5", 5), ("5.0", 5), ("5e0", 5), ('"5"', 5), ("5.5", None), ("-5.0", None), ("true", None), ("null", None)]
)
def test_a_total_is_a_whole_number_however_it_is_written(total, counted):
    assert wire.listing(f'{{"totalResults":{total},"Resources":[]}}'.encode()).total == counted


def test_groups_and_members_are_held_to_the_same_limits():
    groups = wire.groups(
        RawPage(
            Scope(ScopeKind.ENTITLEMENTS),
            1,
            json.dumps({"Resources": [{"id": ".."}, {"id": "g", "displayName": "A", "DISPLAYNAME": "B"}]}).encode(),
        )
    )
    assert groups.entitlements == []
    assert [odd.id for odd in groups.quarantined] == ["", "g"]
    members = wire.members(
        RawPage(Scope(ScopeKind.MEMBERS, "g"), 1, b'{"id":"g","members":[{"value":"u1"},{"value":".."},{"value":"a\\nb"}]}')
    )
    assert [each.account_id for each in members.memberships] == ["u1"]
    assert len(members.quarantined) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"members":[]}', b"[" * 100_000])
def test_a_page_of_members_that_holds_no_group_is_quarantined(body):
    rows = wire.members(RawPage(Scope(ScopeKind.MEMBERS, "g"), 1, body))
    assert rows.memberships == ()
    assert len(rows.quarantined) == 1


@pytest.mark.parametrize(
    ("resource_id", "path"), [("a/b", "Users/a%2Fb"), ("a?b#c", "Users/a%3Fb%23c"), ("%2e", "Users/%252e"), ("é", "Users/%C3%A9")]
)
def test_an_id_is_one_segment_of_the_path(resource_id, path):
    assert resource_path("Users", resource_id) == path


@pytest.mark.parametrize("resource_id", ["", ".", ".."])
def test_an_id_that_is_a_step_in_the_path_is_not_asked_about(resource_id):
    with pytest.raises(Rejected, match="cannot stand in a path"):
        resource_path("Users", resource_id)

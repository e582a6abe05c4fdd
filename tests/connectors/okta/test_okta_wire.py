"""Records as they come over the wire, good and odd, and what each refusal of Okta means."""

import json
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import AccountState, RawPage, Scope, ScopeKind
from connectors.errors import BadResponse, Busy, Conflict, Forbidden, NotFound, PreconditionFailed, Rejected, Unauthorised
from connectors.http.answer import Answer, Headers
from connectors.okta.errors import refusal
from connectors.okta.rows import rows_of
from connectors.okta.search import literal
from connectors.okta.settings import OktaSettings
from tests.support.examples import examples

GOOD = '{"id":"00u1","status":"LOCKED_OUT","lastUpdated":"2024-01-02T03:04:05.000Z","profile":{"login":"a@example.com","n":1.0,"x":null}}'


def page(*records: str, kind: ScopeKind = ScopeKind.ACCOUNTS, name: str = "") -> RawPage:
    return RawPage(Scope(kind, name), 3, ("[" + ",".join(records) + "]").encode("utf-8", "surrogatepass"))


def test_a_good_record_keeps_its_profile_byte_by_byte():
    (record,) = rows_of(page(GOOD)).records
    assert record.attributes == '{"login":"a@example.com","n":1.0,"x":null}'
    assert (record.id, record.state, record.status, record.updated) == (
        "00u1",
        AccountState.ACTIVE,
        "LOCKED_OUT",
        "2024-01-02T03:04:05.000Z",
    )


@pytest.mark.parametrize(
    ("odd", "name"),
    [
        ("null", ""),
        ("17", ""),
        ("[]", ""),
        ("{}", ""),
        ('{"id":"","status":"ACTIVE","profile":{}}', ""),
        ('{"id":"..","status":"ACTIVE","profile":{}}', ".."),
        ('{"id":17,"status":"ACTIVE","profile":{}}', ""),
        ('{"id":"00u2","status":"SLEEPING","profile":{}}', "00u2"),
        ('{"id":"00u2","status":null,"profile":{}}', "00u2"),
        ('{"id":"00u2","status":"ACTIVE"}', "00u2"),
        ('{"id":"00u2","status":"ACTIVE","profile":null}', "00u2"),
        ('{"id":"00u2","status":"ACTIVE","profile":[1]}', "00u2"),
        ('{"id":"00u2","status":"ACTIVE","profile":"text"}', "00u2"),
        ('{"id":"00u2","status":"ACTIVE","profile":{"n":NaN}}', "00u2"),
        ('{"id":"00u2","status":"ACTIVE","profile":{"half":"\\ud83d"}}', "00u2"),
        ('{"id":"00u2","status":"ACTIVE","profile":{"half":"\ud83d"}}', "00u2"),
        ('{"id":"00u2","status":"ACTIVE","profile":{},"lastUpdated":7}', "00u2"),
    ],
)
def test_one_odd_record_costs_one_row(odd, name):
    rows = rows_of(page(GOOD, odd, GOOD.replace("00u1", "00u3")))
    assert [record.id for record in rows.records] == ["00u1", "00u3"]
    (quarantined,) = rows.quarantined
    assert quarantined.position == "page 3, record 2"
    assert quarantined.id == name
    assert quarantined.reason


def test_odd_groups_and_members_are_set_aside():
    rows = rows_of(
        page(
            '{"id":"g1","type":"OKTA_GROUP","profile":{"name":"A"}}',
            '{"id":"g2","type":"OKTA_GROUP","profile":{}}',
            kind=ScopeKind.ENTITLEMENTS,
        )
    )
    assert [(group.id, group.name, group.read_only) for group in rows.entitlements] == [("g1", "A", "")]
    assert rows.quarantined[0].id == "g2"
    rows = rows_of(page('{"id":"u1","status":"NEW"}', '{"id":null}', kind=ScopeKind.MEMBERS, name="g1"))
    assert rows.memberships == [("u1", "g1", "")]
    assert len(rows.quarantined) == 1
    rows = rows_of(page('{"id":"g3","type":"NEW_KIND","profile":{"name":"A"}}', kind=ScopeKind.ENTITLEMENTS))
    assert "NEW_KIND" in rows.entitlements[0].read_only


@examples(60, deadline=None)
@given(st.binary())
def test_any_bytes_are_decoded_without_an_error(body):
    for kind in (ScopeKind.ACCOUNTS, ScopeKind.ENTITLEMENTS, ScopeKind.MEMBERS):
        rows_of(RawPage(Scope(kind), 1, body))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@examples(60, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({}, optional={"id": json_values, "status": st.sampled_from(["ACTIVE", "x", 1]), "profile": json_values}))
)
def test_every_record_ends_up_somewhere(records):
    rows = rows_of(RawPage(Scope(ScopeKind.ACCOUNTS), 1, json.dumps(records).encode()))
    assert len(rows.records) + len(rows.quarantined) == len(records)
    for record in rows.records:
        assert isinstance(record.values(), dict)


def test_a_record_is_decoded_without_a_python_call_for_each_of_its_attributes():
    """Fifteen calls a record are 100,000 records a second and more; a call for each of 31 attributes is a third of that."""
    profile = {f"attribute{number}": f"value {number} ü" for number in range(31)}
    users = [{"id": f"00u{n}", "status": "ACTIVE", "profile": profile, "_links": {"self": {"href": "https://x/y"}}} for n in range(200)]
    body = page(*(json.dumps(user, ensure_ascii=False) for user in users))
    calls = Counter()
    sys.setprofile(lambda _frame, event, _argument: calls.update([event]))
    try:
        rows = rows_of(body)
    finally:
        sys.setprofile(None)
    assert len(rows.records) == 200
    assert calls["call"] + calls["c_call"] < 18 * 200, calls


@examples(60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_literal_ends_where_it_should_and_means_what_it_says(value):
    text = literal(value)
    assert json.loads(text) == value
    assert not text[1:-1].replace("\\\\", "").replace('\\"', "").count('"')


def answer(status: int, body: object = b"", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, Headers(tuple((name.replace("_", "-"), value) for name, value in headers.items())), content, "POST /x of acme")


def okta(code: str, summary: str = "", *causes: str) -> dict:
    return {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oae1",
        "errorCauses": [{"errorSummary": cause} for cause in causes],
    }


@pytest.mark.parametrize(
    ("given_answer", "error", "said"),
    [
        (
            answer(400, okta("E0000001", "Api validation failed: login", "login: An object with this field already exists")),
            Conflict,
            "already exists",
        ),
        (
            answer(400, okta("E0000001", "Api validation failed: newUser", "Property name 'x' is not defined")),
            Rejected,
            "Property name 'x'",
        ),
        (answer(401, okta("E0000011", "Invalid token provided")), Unauthorised, "E0000011"),
        (answer(401, okta("E0000015", "no access to the feature")), Forbidden, "feature"),
        (answer(403, okta("E0000005", "Invalid session")), Unauthorised, "session"),
        (answer(403, okta("E0000006", "no permission")), Forbidden, "permission"),
        (
            answer(403, b"", www_authenticate='Bearer scope="okta.users.read", error="insufficient_scope"'),
            Forbidden,
            "okta.users.read is not granted",
        ),
        (answer(403, okta("E0000023", "mastered")), Rejected, "mastered"),
        (answer(403, okta("E0000038", "status")), PreconditionFailed, "status"),
        (answer(404, okta("E0000007", "Not found")), NotFound, "Not found"),
        (answer(404, okta("E0000008", "path")), BadResponse, "path"),
        (answer(404, b"<html>"), BadResponse, "404"),
        (answer(409, okta("E0000112", "busy")), Busy, "busy"),
        (answer(412), PreconditionFailed, "412"),
        (answer(423, okta("E0000239", "reconciled")), Busy, "reconciled"),
        (answer(501, okta("E0000060", "Unsupported")), Rejected, "Unsupported"),
        (answer(418, b"[]"), BadResponse, "418"),
        (answer(400, {"errorCode": 7}), Rejected, "400"),
    ],
)
def test_each_refusal_becomes_the_situation_it_is(given_answer, error, said):
    found = refusal(given_answer)
    assert type(found) is error
    assert said in str(found)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_is_no_refusal(status):
    assert refusal(answer(status)) is None


@pytest.mark.parametrize("url", ["https://acme.okta.com", "https://acme.okta.com/", "http://127.0.0.1:8080"])
def test_the_address_of_an_org_is_taken(url):
    assert OktaSettings.model_validate({"url": url, "token": "env:TOKEN"}).url == url.rstrip("/")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "https://acme-admin.okta.com"}, "answers at https://acme.okta.com"),
        ({"url": "https://acme.okta.com/api/v1"}, "nothing after it"),
        ({"url": "https://acme.okta.com?x=1"}, "nothing after it"),
        ({"url": "https://me:pw@acme.okta.com"}, "nothing after it"),
        ({"url": "http://acme.okta.com"}, "begins with https"),
        ({"url": "acme.okta.com"}, "begins with https"),
        ({"token": "00abcdef"}, "expected env:NAME or file:PATH"),
        ({"page_size": 201}, "200"),
        ({"rate_share": 0}, "greater than 0"),
        ({"tokn": "x"}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_a_sentence(changed, said):
    with pytest.raises(ValidationError, match=said):
        OktaSettings.model_validate({"url": "https://acme.okta.com", "token": "env:TOKEN", **changed})

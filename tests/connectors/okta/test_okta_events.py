"""What an org's own log says happened, between two moments."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import BadResponse, Forbidden
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import group, group_id, org, user, user_id

NOW = datetime.now(UTC)
SPAN = (NOW - timedelta(hours=1), NOW + timedelta(hours=1))


async def seen(okta):
    return [event async for event in okta.events(*SPAN)]


def test_every_write_is_in_the_log_with_the_id_of_its_request(tmp_path):
    async def story(okta):
        record = await okta.deactivate_account(user_id(1))
        await okta.add_member(group_id(1), user_id(2))
        events = await seen(okta)
        assert [(event.type, event.targets) for event in events] == [
            ("user.session.clear", (user_id(1),)),
            ("user.lifecycle.deactivate", (user_id(1),)),
            ("group.user_membership.add", (user_id(2), group_id(1))),
        ]
        assert {event.result for event in events} == {"SUCCESS"}
        assert len({event.request_id for event in events}) == 3
        assert all(event.request_id and event.actor and event.uuid for event in events)
        assert record.updated <= events[1].published

    with org({"users": [user(1), user(2)], "groups": [group(1, "A")]}, tmp_path) as (_, tell):
        tell(story)


def test_the_log_is_read_to_its_end_page_by_page(tmp_path):
    published = NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    log = [{"uuid": str(number), "published": published, "eventType": "a.b"} for number in range(1200)]
    with org({"log": log}, tmp_path) as (sandbox, tell):
        assert [event.uuid for event in tell(seen)] == [str(number) for number in range(1200)]
        queries = [request.query for request in sandbox.requests() if request.path == "/api/v1/logs"]
        assert len(queries) == 2
        assert all("until=" in query and "limit=1000" in query for query in queries)


@pytest.mark.parametrize(
    "body",
    [
        '[{"uuid":"1"}]',
        '[{"uuid":"1","published":"2024-01-01T00:00:00.000Z","eventType":"a","target":7}]',
        '[{"uuid":"1","published":"yesterday","eventType":"a"}]',
        '[{"uuid":"1","published":"2024-01-01T00:00:00.000","eventType":"a"}]',
        '[{"uuid":"1","published":"0001-01-01T00:00:00.000+23:00","eventType":"a"}]',
        "<html>",
        "{}",
    ],
)
def test_an_event_that_cannot_be_read_ends_the_log(tmp_path, body):
    async def story(okta):
        with pytest.raises(BadResponse):
            await seen(okta)

    with org({}, tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path="/logs", body=body))
        tell(story)


def test_an_event_without_what_is_optional_is_an_event_all_the_same(tmp_path):
    body = json.dumps([{"uuid": "1", "published": "2024-01-01T00:00:00.000Z", "eventType": "a.b", "target": None, "actor": None}])
    with org({}, tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path="/logs", body=body))
        assert tell(seen) == [("1", "2024-01-01T00:00:00.000Z", "a.b", "", "", (), "", "", ())]


def test_the_time_of_an_event_is_one_of_utc(tmp_path):
    body = json.dumps([{"uuid": "1", "published": "2024-01-01T01:30:00+02:00", "eventType": "a.b"}])
    with org({}, tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path="/logs", body=body))
        assert [event.published for event in tell(seen)] == ["2023-12-31T23:30:00.000Z"]


@pytest.mark.parametrize(
    ("link", "cursors"),
    [
        ("", []),
        ('<https://acme.example/api/v1/logs>; rel="next"', []),
        ('<https://acme.example/api/v1/logs?after=x>; rel="next"', ["after=x"]),
        ('<http://[?after=x>; rel="next"', ["after=x"]),
    ],
    ids=["no link", "no place", "the same place again", "no address"],
)
def test_a_followed_log_that_names_no_further_place_does_not_end_as_if_it_were_read(tmp_path, link, cursors):
    async def story(okta):
        log = okta.log_pages(SPAN[0], "")
        assert [(await anext(log)).cursor for _ in cursors] == cursors
        with pytest.raises(BadResponse, match="no further place"):
            await anext(log)

    body = json.dumps([{"uuid": "1", "published": "2024-01-01T00:00:00.000Z", "eventType": "a.b"}])
    with org({}, tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path="/logs", status=200, body=body, headers={"Link": link}))
        tell(story)


def test_a_log_that_may_not_be_read_says_so(tmp_path):
    async def story(okta):
        with pytest.raises(Forbidden, match=r"okta\.logs\.read"):
            await seen(okta)

    with org({}, tmp_path, missing_scopes=frozenset({"okta.logs.read"})) as (_, tell):
        tell(story)

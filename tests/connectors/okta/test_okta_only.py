"""Reading a part of an org: every user inside, none outside, and a problem where the part cannot be determined."""

import json

import pytest
from pydantic import ValidationError

from connectors.contract import ReadRequest, ResumePoint
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import ACCOUNTS, everything, group, group_id, org, user, user_id

STAFF, CONTRACTOR = "oty00000000000000001", "oty00000000000000002"
TYPES = [{"id": STAFF, "name": "user", "default": True}, {"id": CONTRACTOR, "name": "contractor"}]


def typed(number: int, kind: str, status: str = "ACTIVE") -> dict:
    return {**user(number, status), "type": {"id": kind}}


def an_org() -> dict:
    return {
        "types": TYPES,
        "users": [
            typed(1, STAFF),
            typed(2, STAFF, "SUSPENDED"),
            typed(3, CONTRACTOR),
            typed(4, CONTRACTOR, "DEPROVISIONED"),
            typed(5, STAFF),
        ],
        "groups": [group(1, "Sales"), group(2, "Staff"), group(3, "Twice"), group(4, "Twice", "APP_GROUP"), group(5, "Nobody")],
        "members": {group_id(1): [user_id(n) for n in (1, 2, 3)], group_id(2): [user_id(n) for n in (2, 3, 4)]},
    }


@pytest.mark.parametrize(
    ("only", "inside"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"statuses": ["ACTIVE"]}, [1, 3, 5]),
        ({"statuses": ["SUSPENDED", "DEPROVISIONED"]}, [2, 4]),
        ({"statuses": ["LOCKED_OUT"]}, []),
        ({"user_types": ["contractor"]}, [3, 4]),
        ({"user_types": [CONTRACTOR, "user"]}, [1, 2, 3, 4, 5]),
        ({"user_types": ["contractor"], "statuses": ["ACTIVE"]}, [3]),
        ({"groups": ["Sales"]}, [1, 2, 3]),
        ({"groups": ["Sales", group_id(2)]}, [1, 2, 3, 4]),
        ({"groups": ["Sales", "Staff"], "statuses": ["ACTIVE"]}, [1, 3]),
        ({"groups": ["Sales"], "user_types": ["user"]}, [1, 2]),
        ({"groups": ["Nobody"]}, []),
    ],
)
def test_every_user_inside_the_part_is_read_once_and_none_outside(tmp_path, only, inside):
    async def story(okta):
        pages, ends = await everything(okta, ReadRequest(since="2024-01-01T00:00:00+00:00"))
        assert (ends[ACCOUNTS].problem, bool(ends[ACCOUNTS].watermark)) == ("", True)
        assert ends[ACCOUNTS].delta is (not only)
        assert [page.number for page in pages[ACCOUNTS]] == list(range(1, len(pages[ACCOUNTS]) + 1))
        assert [page.cursor is None for page in pages[ACCOUNTS]] == [False] * (len(pages[ACCOUNTS]) - 1) + [True]
        assert sorted(record.id for page in pages[ACCOUNTS] for record in okta.decode(page).records) == [user_id(n) for n in inside]
        kept = b"".join(page.body for page in pages[ACCOUNTS]).decode()
        assert not any(user_id(n) in kept for n in range(1, 6) if n not in inside)

    with org(an_org(), tmp_path, page_size=1) as (_, tell):
        tell(story, only=only)


@pytest.mark.parametrize(
    ("only", "problem"),
    [
        ({"groups": ["Sails"]}, "only.groups names 'Sails', which 0 of the org are called"),
        ({"groups": ["Twice"]}, f"name one of {group_id(3)}, {group_id(4)} instead"),
        ({"user_types": ["contractors"]}, "only.user_types names 'contractors'"),
        ({"groups": ['" or id pr or profile.name eq "']}, "which 0 of the org are called"),
    ],
)
def test_a_part_that_cannot_be_told_is_not_read(tmp_path, only, problem):
    async def story(okta):
        pages, ends = await everything(okta)
        assert problem in ends[ACCOUNTS].problem
        assert ACCOUNTS not in pages

    with org(an_org(), tmp_path) as (_, tell):
        tell(story, only=only)


def test_a_user_who_does_not_say_whether_they_are_inside_ends_the_list(tmp_path):
    async def story(okta):
        assert "does not say whether it is inside" in (await everything(okta))[1][ACCOUNTS].problem

    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=r"/users\?", body=json.dumps([user(1)])))
        tell(story, only={"user_types": ["user"]})


def test_a_group_of_a_part_that_cannot_be_read_ends_the_list(tmp_path):
    async def story(okta):
        assert f"/groups/{group_id(2)}/users: page 1" in (await everything(okta))[1][ACCOUNTS].problem

    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path=f"/groups/{group_id(2)}/users", body="<html>"))
        tell(story, only={"groups": ["Sales", "Staff"]})


def test_empty_part_of_an_org_without_visible_users_is_incomplete(tmp_path):
    async def story(okta):
        assert "role" in (await everything(okta))[1][ACCOUNTS].problem

    with org({}, tmp_path) as (_, tell):
        tell(story, only={"statuses": ["SUSPENDED"]})


def test_members_of_several_groups_are_not_gone_on_with_in_the_middle(tmp_path):
    async def story(okta):
        _, ends = await everything(okta, ReadRequest(held={ACCOUNTS: ResumePoint(1, "/api/v1/groups/x/users")}))
        assert "from the beginning" in ends[ACCOUNTS].problem
        _, ends = await everything(okta, ReadRequest(held={ACCOUNTS: ResumePoint(4, None)}))
        assert ends[ACCOUNTS].problem == ""

    with org(an_org(), tmp_path) as (_, tell):
        tell(story, only={"groups": ["Sales"]})


@pytest.mark.parametrize("only", [{"statuses": ["active"]}, {"group": ["x"]}, {"groups": "Sales"}, {"apps": ["Wiki"]}])
def test_a_part_that_cannot_be_meant_is_refused(only):
    with pytest.raises(ValidationError):
        OktaSettings.model_validate({"url": "https://acme.okta.com", "token": "env:TOKEN", "only": only})

"""Every base attribute of an Okta profile and custom ones of every type are written by their name and read back."""

import pytest

from .okta_worlds import org, user, user_id

BASE = {
    "login": "ann@example.com",
    "email": "ann@example.com",
    "secondEmail": "ann@example.org",
    "firstName": "Ann",
    "lastName": "Lee",
    "middleName": "Bea",
    "honorificPrefix": "Ms.",
    "honorificSuffix": "PhD",
    "title": "Clerk",
    "displayName": "Ann Lee",
    "nickName": "Annie",
    "profileUrl": "https://example.com/ann",
    "mobilePhone": "+41 79 100",
    "primaryPhone": "+41 31 100",
    "streetAddress": "Gasse 1",
    "city": "Bern",
    "state": "BE",
    "zipCode": "3000",
    "countryCode": "CH",
    "postalAddress": "Gasse 1, 3000 Bern",
    "preferredLanguage": "de-CH",
    "locale": "de_CH",
    "timezone": "Europe/Zurich",
    "userType": "Employee",
    "employeeNumber": "1001",
    "costCenter": "4130",
    "organization": "Acme",
    "division": "Sales",
    "department": "Field",
    "managerId": "1000",
    "manager": "Bob Ray",
}
CUSTOM = {"badge": 7, "share": 0.5, "remote": False, "skills": ["a", "b"], "desk": "B2"}
TYPES = {"badge": "integer", "share": "number", "remote": "boolean", "skills": "array", "desk": "string"}
OTHERS = {
    "email": "lee@example.com",
    "secondEmail": "lee@example.org",
    "countryCode": "DE",
    "locale": "fr_CH",
    "preferredLanguage": "fr-CH",
}
OTHERS |= {"timezone": "Europe/Berlin", "badge": 8, "share": 1.5, "remote": True, "skills": ["c"], "profileUrl": "https://example.com/lee"}
EVERYTHING = BASE | CUSTOM
NEEDED = ("login", "email", "firstName", "lastName")


def an_org():
    return {"users": [user(1)], "custom_attributes": {name: {"type": kind} for name, kind in TYPES.items()}}


def test_these_are_all_base_attributes_that_an_org_declares(tmp_path):
    async def story(okta):
        assert set(await okta.attribute_names()) == set(EVERYTHING)

    with org(an_org(), tmp_path) as (_, tell):
        tell(story)


def test_a_new_user_has_all_of_them(tmp_path):
    async def story(okta):
        made = await okta.create_account(EVERYTHING)
        assert (await okta.read_account(made.id)).values() == EVERYTHING

    with org(an_org(), tmp_path) as (_, tell):
        tell(story)


@pytest.mark.parametrize("name", [name for name in EVERYTHING if name != "login"])
def test_each_is_set_and_changed_alone(running_org, name):
    async def story(okta):
        for value in (EVERYTHING[name], OTHERS.get(name, f"{EVERYTHING[name]}x")):
            before = await okta.read_account(user_id(1))
            await okta.update_account(user_id(1), {name: value}, before)
            after = (await okta.read_account(user_id(1))).values()
            assert after[name] == value
            assert {key: held for key, held in after.items() if key != name} == {
                key: held for key, held in before.values().items() if key != name
            }

    running_org(story)


@pytest.fixture(scope="module")
def running_org(tmp_path_factory):
    with org(an_org(), tmp_path_factory.mktemp("org")) as (_, tell):
        yield tell


def test_each_that_is_not_needed_is_cleared_and_the_others_stay(tmp_path):
    async def story(okta):
        made = await okta.create_account(EVERYTHING)
        cleared = await okta.update_account(made.id, {name: None for name in EVERYTHING if name not in NEEDED}, made)
        assert {name: value for name, value in cleared.values().items() if value is not None} == {name: BASE[name] for name in NEEDED}

    with org(an_org(), tmp_path) as (_, tell):
        tell(story)

"""Which attributes an org declares, of which types, and that values keep them."""

import pytest

from connectors.errors import BadResponse
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import ACCOUNTS, everything, org, user

CUSTOM = {"badge": {"type": "integer"}, "remote": {"type": "boolean"}, "share": {"type": "number"}, "skills": {"type": "array"}}
TYPES = [
    {"id": "oty00000000000000001", "schemaId": "osc00000000000000001", "name": "user", "default": True},
    {"id": "oty00000000000000002", "schemaId": "osc00000000000000002", "name": "contractor"},
]


def an_org() -> dict:
    return {"users": [user(1, badge=7, remote=False, share=0.5, skills=["a", "b"])], "custom_attributes": CUSTOM, "types": TYPES}


def test_base_and_custom_attributes_are_named_with_their_types(tmp_path):
    async def story(okta):
        types = await okta.declared_attributes()
        assert len(types) == 31 + len(CUSTOM)
        assert types["login"].type == "string"
        assert {name: types[name].type for name in CUSTOM} == {name: definition["type"] for name, definition in CUSTOM.items()}
        assert set(await okta.attribute_names()) == set(types)

    with org(an_org(), tmp_path) as (_, tell):
        tell(story)


def test_values_keep_their_types(tmp_path):
    async def story(okta):
        (page,) = (await everything(okta))[0][ACCOUNTS]
        values = okta.decode(page).records[0].values()
        assert {name: values[name] for name in CUSTOM} == {"badge": 7, "remote": False, "share": 0.5, "skills": ["a", "b"]}

    with org(an_org(), tmp_path) as (_, tell):
        tell(story)


def test_an_attribute_of_one_user_type_only_is_known(tmp_path):
    async def story(okta):
        assert (await okta.declared_attributes())["agency"].type == "string"

    with org(an_org(), tmp_path) as (sandbox, tell):
        body = '{"definitions":{"base":{"properties":{}},"custom":{"properties":{"agency":{"type":"string"}}}}}'
        sandbox.add_fault(Fault(FaultKind.BODY, path="osc00000000000000002", body=body))
        tell(story)


@pytest.mark.parametrize("scope", ["okta.schemas.read", "okta.userTypes.read"])
def test_an_org_that_does_not_show_its_schemas_declares_nothing(tmp_path, scope):
    async def story(okta):
        assert await okta.attribute_names() is None

    with org(an_org(), tmp_path, missing_scopes=frozenset({scope})) as (_, tell):
        tell(story)


def test_a_schema_that_is_none_is_refused(tmp_path):
    async def story(okta):
        with pytest.raises(BadResponse, match="no schema"):
            await okta.attribute_names()

    with org(an_org(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.BODY, path="/meta/schemas", body="[]"))
        tell(story)

"""What an org declares that its attributes take, and that an odd declaration hides nothing."""

import json

from connectors.declaration import DeclaredAttribute
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import org
from .test_okta_schema import TYPES, an_org

CUSTOM = {
    "site": {"type": "string", "enum": ["north", "south"], "required": True},
    "grade": {"type": "integer", "oneOf": [{"const": 1, "title": "one"}, {"const": 2, "title": "two"}]},
    "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
    "code": {"type": "string", "pattern": "^[A-Z]+$", "minLength": 2, "maxLength": 6},
    "score": {"type": "number", "mutability": "READ_ONLY"},
}


def declared(tmp_path, body: object = None, types=None, seed=CUSTOM, *, connector: dict | None = None, **switches):
    async def story(okta):
        return await okta.declared_attributes()

    with org({**an_org(), "custom_attributes": seed, "users": [], **({"types": types} if types else {})}, tmp_path, **switches) as (
        sandbox,
        tell,
    ):
        if body is not None:
            sandbox.add_fault(Fault(FaultKind.BODY, path="osc00000000000000002", body=json.dumps(body)))
        return tell(story, **(connector or {}))


def test_each_rule_of_the_schema_is_declared(tmp_path):
    found = declared(tmp_path)
    assert found["site"] == DeclaredAttribute(type="string", required=True, allowed=("north", "south"))
    assert found["grade"] == DeclaredAttribute(type="integer", allowed=(1, 2))
    assert found["tags"] == DeclaredAttribute(type="array", entries="string", allowed=("a", "b"))
    assert found["code"] == DeclaredAttribute(type="string", pattern="^[A-Z]+$", shortest=2, longest=6)
    assert found["score"] == DeclaredAttribute(type="number", read_only=True)
    assert found["firstName"] == DeclaredAttribute(type="string", required=True, shortest=1, longest=50)


def test_documented_limits_hold_where_the_schema_lists_none(tmp_path):
    found = declared(tmp_path)
    assert (found["city"].longest, found["secondEmail"].longest, found["title"].longest) == (128, 100, None)


def test_login_is_an_address_unless_the_org_has_another_pattern(tmp_path):
    assert declared(tmp_path)["login"].format == "email"
    other = declared(tmp_path, login_is_email=False)["login"]
    assert (other.format, other.pattern, other.whole) == ("", ".+", True)


def test_rule_that_user_types_do_not_share_is_not_declared(tmp_path):
    other = {"site": {"type": "string", "maxLength": 9, "required": True, "enum": ["north"]}}
    body = {"definitions": {"base": {"properties": {}}, "custom": {"properties": other}}}
    assert declared(tmp_path, body, TYPES)["site"] == DeclaredAttribute(type="string", required=True)


def test_odd_declaration_of_one_attribute_declares_nothing_of_it_and_hides_no_other(tmp_path):
    odd = {
        "odd": {"type": 7, "minLength": -1, "maxLength": "9", "pattern": ["a"], "enum": [{"a": 1}], "oneOf": 3, "format": 5, "items": "x"},
        "none": {"type": None, "minLength": None, "maxLength": True, "pattern": None, "required": "yes", "items": None},
        "huge": {"type": "string", "maxLength": 10**30, "enum": []},
    }
    body = {"definitions": {"base": {"properties": {}}, "custom": {"properties": odd, "required": 3}}}
    found = declared(tmp_path, body, TYPES)
    assert (found["odd"], found["none"], found["huge"]) == (DeclaredAttribute(), DeclaredAttribute(), DeclaredAttribute(type="string"))
    assert found["code"].longest == 6


def test_setting_leaves_types_alone(tmp_path):
    found = declared(tmp_path, connector={"schema_limits": False})
    assert (found["code"], found["tags"]) == (DeclaredAttribute(type="string"), DeclaredAttribute(type="array", entries="string"))

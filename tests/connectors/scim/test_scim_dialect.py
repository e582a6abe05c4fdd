"""What an operator may say of an application, and what its errors mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.errors import BadResponse, Conflict, ConnectorError, Forbidden, NotFound, PreconditionFailed, Rejected, Unauthorised
from connectors.http.answer import Answer, Headers
from connectors.registry import BUILT_IN, build, settings_model
from connectors.scim.connector import Scim
from connectors.scim.dialect import Dialect, RemoveForm, UserUpdate, dialect_of, presets
from connectors.scim.errors import complaint, error_of
from connectors.scim.settings import ScimSettings

# Several test runs share one machine: slowness is no failure of what is tested.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
URL = {"url": "https://app.example.com/scim/v2/", "token": "env:TOKEN"}


@pytest.mark.parametrize("name", sorted(presets()))
def test_every_preset_is_a_dialect(name: str) -> None:
    assert isinstance(dialect_of(name, {}), Dialect)


def test_an_override_changes_one_key_of_a_preset() -> None:
    dialect = ScimSettings(**URL, dialect="entra-like", dialect_overrides={"user_update": "put"}).spoken()
    assert (dialect.user_update, dialect.remove_form) == (UserUpdate.PUT, RemoveForm.VALUE_ARRAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"dialect": "unheard-of"},
        {"dialect_overrides": {"remove_frm": "filter"}},
        {"dialect_overrides": {"remove_form": "guess"}},
        {"dialect_overrides": {"rate": {"reads": 0}}},
        {"dialect_overrides": {"members": "users", "filters": False}},
        {"dialect_overrides": {"members": "users", "group_update": "put"}},
        {"url": "http://app.example.com"},
        {"url": "https://user:secret@app.example.com"},
        {"url": "https://app.example.com/?tenant=1"},
        {"url": "app.example.com"},
        {"in_flight": 9},
        {"token": "a-secret-itself"},
        {"unknown": 1},
    ],
)
def test_wrong_settings_are_refused_when_the_configuration_is_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ScimSettings(**{**URL, **wrong})


def test_the_registry_builds_the_connector_without_opening_anything(tmp_path: Path) -> None:
    settings = settings_model(BUILT_IN["scim"]).model_validate(
        {**URL, "dialect_overrides": {"rate": {"reads": 10, "writes": 5}, "immutable": ["title"]}}
    )
    connector = build(BUILT_IN["scim"], "app", settings, tmp_path)
    assert isinstance(connector, Scim)
    assert connector.traits.immutable == {"title"}
    assert connector.traits.unique == {"userName"}


SCIM_ERROR = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400"}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({**SCIM_ERROR, "detail": "no"}, "no"),
        ({**SCIM_ERROR, "status": 400, "detail": ["no", "never"]}, "no; never"),
        ({"schemas": '["urn:ietf:params:scim:api:messages:2.0:Error"]', "detail": "no"}, "no"),
        ({"Errors": [{"description": "no", "code": 404}]}, "no"),
        ({"error": {"x": 1}, "message": "no"}, "no"),
        (b"<html><style>p {}</style><title>404</title><p>No &amp; never", "404 No & never"),
        (b"plain no", "plain no"),
        (b"", ""),
        (b"[1]", "[1]"),
    ],
)
def test_error_bodies_of_every_shape_are_read(body: object, detail: str) -> None:
    assert complaint(body if isinstance(body, bytes) else json.dumps(body).encode()).detail == detail


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, SCIM_ERROR, Rejected),
        (400, {**SCIM_ERROR, "scimType": "uniqueness"}, Conflict),
        (401, {}, Unauthorised),
        (403, {}, Forbidden),
        (404, SCIM_ERROR, NotFound),
        (404, {"message": "no route"}, BadResponse),
        (409, {}, Conflict),
        (412, {}, PreconditionFailed),
        (428, {}, PreconditionFailed),
        (413, {}, Rejected),
        (501, {}, Rejected),
        (418, {}, BadResponse),
        (304, {}, BadResponse),
    ],
)
def test_the_status_decides_what_an_error_is(status: int, body: object, kind: type[ConnectorError]) -> None:
    error = error_of(Answer(status, Headers(), json.dumps(body).encode()))
    assert type(error) is kind
    assert error.status == status


@CALM
@given(st.binary(max_size=200), st.integers(300, 599))
def test_no_error_body_is_too_odd_to_be_read(body: bytes, status: int) -> None:
    assert error_of(Answer(status, Headers(), body)) is not None

"""Drafts the mapping of a target, by its schema where that could be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from connectors.declaration import AccountSchema, DeclaredAttribute, SchemaAttribute
from reconcile.usecases.draft import toml
from reconcile.usecases.draft.published import Drafted, Known, Rule, draft_published


class Kind(StrEnum):
    """A kind of target that is drafted; the value is its connector type and the connector's name."""

    OKTA = "okta"
    SCIM = "scim"


@dataclass(frozen=True, slots=True)
class Schema:
    """The attributes of a target's accounts, as it declares them; `unread` where it was not asked or did not answer."""

    attributes: Mapping[str, DeclaredAttribute] | None = None
    names: Sequence[str] | None = None
    published: AccountSchema | None = None
    """A schema that is advice."""
    unread: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    attribute: str
    identity: str
    text: str = ""
    """Its TOML value where it is more than the identity's attribute."""


_LOGIN = '{ expression = "work_email", required = true, immutable = true }'
_ADDRESS = '{ expression = "work_email", required = true, unique = true, case = "ignore" }'
_OKTA = (
    _Rule("login", "work_email", _LOGIN),
    _Rule("email", "work_email", _ADDRESS),
    _Rule("firstName", "first_name", '{ expression = "left(first_name, 50)", required = true }  # Okta takes 50 characters'),
    _Rule("lastName", "last_name", '{ expression = "left(last_name, 50)", required = true }'),
    _Rule("displayName", "display_name"),
    _Rule("title", "title"),
    _Rule("department", "department"),
    _Rule("costCenter", "cost_center"),
    _Rule("userType", "worker_type"),
    _Rule("employeeNumber", "anchor"),
    _Rule("managerId", "manager_id"),
    _Rule("city", "city"),
    _Rule("countryCode", "country_code"),
)
_USUAL_SCIM = (
    Rule("userName", "work_email", required=True, immutable=True),
    Rule("externalId", "anchor"),
    Rule("name.givenName", "first_name"),
    Rule("name.familyName", "last_name"),
    Rule("displayName", "display_name"),
    Rule("title", "title"),
    Rule("emails.work", "work_email", unique=True, ignores_case=True),
    Rule("enterprise.employeeNumber", "anchor"),
    Rule("enterprise.department", "department"),
)
"""Rules for attributes that most applications have: those of one whose schema was not read."""
_SCIM = (
    *_USUAL_SCIM,
    Rule("userType", "worker_type"),
    Rule("emails.primary", "work_email", unique=True, ignores_case=True),
    *(Rule(f"addresses.{label}.locality", "city") for label in ("work", "primary")),
    *(Rule(f"addresses.{label}.country", "country_code") for label in ("work", "primary")),
    Rule("enterprise.costCenter", "cost_center"),
    Rule("enterprise.manager", "manager_account_id"),
)
"""Rules for attributes of the standard, whose meaning it states; which of them an application has, its schema says."""
_KEYS: Mapping[Kind, tuple[str, str]] = {Kind.OKTA: ("employeeNumber", "login"), Kind.SCIM: ("externalId", "userName")}
_GROUP: Mapping[Kind, str] = {Kind.OKTA: "all-employees", Kind.SCIM: "readers"}


def draft_target(kind: Kind, schema: Schema, people: Known, departments: Mapping[str, int]) -> list[str]:
    """The lines of mappings/<target>.toml: the attributes that people have and the target takes, and how accounts are found."""
    drafted = _drafted(kind, schema, people)
    unique, name = _KEYS[kind]
    return [
        f"# What accounts in {kind.value} should be. Attributes, groups and accounts that nothing here names are never touched.",
        *_about_schema(kind, schema),
        "",
        f'target = "{kind.value}"',
        "# ASK: who has an account here? An expression over the identity; terminated people and future hires never have one.",
        'who = "true"',
        '# ASK: people on leave keep their account; or "suspend" until they are back, or "deactivate".',
        'leave = "keep"',
        "",
        "# How the account of somebody without a link is found, in this order. A link is remembered and outlives renames.",
        *(["[[correlate]]", f'account = "{unique}"', 'identity = "anchor"', "adopt = true", ""] if unique in drafted.ruled else []),
        "[[correlate]]",
        f'account = "{name}"',
        'identity = "work_email"  # a match on it is a finding that you decide, until `adopt = true` stands here',
        "",
        "[attributes]",
        *drafted.lines,
        *_groups(kind, departments),
    ]


def _about_schema(kind: Kind, schema: Schema) -> Iterator[str]:
    """Comments on where the attributes come from."""
    if schema.published:
        yield "# The attributes are those of the application's own schema (/Schemas), which is advice: `check` and the first plan say what it takes."
        yield from (f"# {toml.shown_whole(note)}." for note in schema.published.notes)
    elif schema.unread and kind is Kind.SCIM:
        yield f"# The schema was not read when this was drafted ({toml.shown_whole(schema.unread.rstrip('.'))})."
        yield "# ASK: these are attributes of the standard that most applications have. Which does yours require, and which does it not have?"
    elif schema.unread:
        yield f"# The schema was not read when this was drafted ({toml.shown(schema.unread)}); `check` compares the attributes with it."


def _drafted(kind: Kind, schema: Schema, people: Known) -> Drafted:
    """The rules: by the schema that is published, else for the usual attributes."""
    if schema.published:
        return draft_published(schema.published, _SCIM, people)
    match kind:
        case Kind.OKTA:
            return _usual_of_okta(schema, people)
        case Kind.SCIM:
            usual = tuple(SchemaAttribute(rule.attribute) for rule in _USUAL_SCIM if people.have(rule.identity))
            return draft_published(AccountSchema(usual), _USUAL_SCIM, people)
        case _:
            assert_never(kind)


def _usual_of_okta(schema: Schema, people: Known) -> Drafted:
    """The usual attributes, less what the org declares that it does not take."""
    rules = [rule for rule in _OKTA if people.have(rule.identity) and _takes(schema, rule.attribute)]
    known = frozenset(rule.attribute for rule in rules)
    lines = (f"{toml.key(rule.attribute)} = {rule.text or toml.quoted(rule.identity)}" for rule in rules)
    return Drafted((*lines, *_required(schema, known)), known)


def _takes(schema: Schema, attribute: str) -> bool:
    if schema.attributes:
        return attribute in schema.attributes and not schema.attributes[attribute].read_only
    return schema.names is None or attribute in schema.names


def _required(schema: Schema, known: frozenset[str]) -> Iterator[str]:
    for name, declared in (schema.attributes or {}).items():
        if declared.required and not declared.read_only and name not in known:
            yield f"{toml.key(name)} = {toml.asked('the target requires it of every new account. An expression over the identity')}"


def _groups(kind: Kind, departments: Mapping[str, int]) -> Iterator[str]:
    yield ""
    yield "# ASK: which groups follow from who somebody is? Only memberships that this job gave are ever taken back, unless a group is in fully_managed."
    yield "# [groups.everybody]"
    yield f'# group = "{_GROUP[kind]}"'
    if departments:
        some = list(departments)[:2]
        yield f"# when = {toml.shown(toml.quoted(' or '.join(f'department = {toml.text(each)}' for each in some)))}"
        yield f"# The departments of the file: {', '.join(f'{toml.shown(name)} ({rows})' for name, rows in departments.items())}"

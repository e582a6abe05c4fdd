"""Names the attributes of a published schema as mappings do, with what each takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.declaration import SchemaAttribute
from connectors.errors import Rejected
from connectors.scim.attributes import folded
from connectors.scim.names import ENTERPRISE, MULTI_VALUED, NOT_ATTRIBUTES, PRIMARY, WORK, place_of, sub_name, top_name
from connectors.scim.roles import ATTRIBUTE as ROLES

MOST_ATTRIBUTES = 500
"""Attributes of one application; the standard and its enterprise extension have about 60."""
MOST_VALUES = 30
LONGEST_VALUE = 200
_NAME = re.compile(r"[A-Za-z$][A-Za-z0-9_$-]{0,99}")
"""RFC 7643 section 2.1."""
_NO_PARTS = frozenset({"type", "primary", "display", "$ref"})
_NAMED_PARTS = frozenset({"givenName", "familyName"})
Stated = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Within:
    """The place of an attribute whose definition is read."""

    optional_part: str = ""
    read_only: bool = False


def core_attributes(definition: Stated) -> list[SchemaAttribute]:
    """The attributes of the core schema, `userName`, and `externalId`, which every resource may have and no schema lists.

    RFC 7643 sections 3.1 and 4.1.1.
    """
    found = [each for stated in _definitions(definition) for each in _core(stated)]
    names = {each.name for each in found}
    always = (SchemaAttribute("userName", required=True, unique=True), SchemaAttribute("externalId"))
    return [*(each for each in always if each.name not in names), *found]


def extension_attributes(definition: Stated, urn: str, *, required: bool) -> list[SchemaAttribute]:
    """The attributes of an extension. `required`: whether every user has it."""
    prefix = "enterprise." if urn.lower() == ENTERPRISE.lower() else f"{urn}:"
    within = _Within("" if required else urn)
    return [_manager(each) if each.name == "enterprise.manager" else each for each in _of_extension(definition, prefix, within)]


def _of_extension(definition: Stated, prefix: str, within: _Within) -> Iterator[SchemaAttribute]:
    for stated in _definitions(definition):
        yield _attribute(f"{prefix}{sub_name(_name(stated)) if prefix == 'enterprise.' else _name(stated)}", stated, within)


def _manager(stated: SchemaAttribute) -> SchemaAttribute:
    """The manager, whose value in a mapping is the id alone."""
    return replace(stated, type="string", parts=())


def _definitions(definition: Stated, key: str = "attributes") -> list[Stated]:
    """The definitions of attributes; what has no name that a schema can have is none."""
    stated = folded(definition, key)
    return [each for each in (stated if isinstance(stated, list) else ()) if isinstance(each, dict) and _NAME.fullmatch(_name(each))]


def _name(stated: Stated) -> str:
    name = folded(stated, "name")
    return name if isinstance(name, str) else ""


def _core(stated: Stated) -> Iterator[SchemaAttribute]:
    name = top_name(_name(stated))
    if name == "password":
        yield replace(_attribute(name, stated, _Within()), unsettable="no rule sets a password: people sign in by a provider, or reset it")
    elif name in NOT_ATTRIBUTES:
        return
    elif name == "name":
        yield from _parts_of_name(stated)
    elif name in MULTI_VALUED:
        yield from _entries(name, stated)
    elif name == ROLES:
        yield replace(_attribute(name, stated, _Within()), unsettable="[roles.NAME] gives and takes its values one by one")
    else:
        yield _attribute(name, stated, _Within())


def _parts_of_name(stated: Stated) -> Iterator[SchemaAttribute]:
    parts = _definitions(stated, "subAttributes")
    within = _Within(read_only=_mutability(stated) == "readonly")
    needed = _is_true(stated, "required") and not any(_is_true(each, "required") for each in parts)
    for each in parts:
        found = _attribute(f"name.{sub_name(_name(each))}", each, within)
        yield replace(found, required=found.required or (needed and (len(parts) == 1 or sub_name(_name(each)) in _NAMED_PARTS)))


def _entries(name: str, stated: Stated) -> Iterator[SchemaAttribute]:
    """The entry that a mapping is most likely to set, with its parts: that for work, else the first type, else the primary one."""
    parts = {sub_name(_name(each)): each for each in _definitions(stated, "subAttributes")}
    kinds = [kind.lower() for kind in _values(parts.get("type", {})) if _is_label(kind)]
    label = (WORK if WORK in kinds or not kinds else kinds[0]) if "type" in parts or not parts else PRIMARY
    within = _Within(read_only=_mutability(stated) == "readonly")
    others = f"entries of the types {', '.join(kinds)}" if len(kinds) > 1 else ""
    if "value" in parts or not parts:
        value = _attribute(f"{name}.{label}", parts.get("value", {}), within)
        unique = value.unique or _is_unique(stated)
        yield replace(value, required=_is_true(stated, "required"), unique=unique, several=False, description=others or value.description)
    needed = _is_true(stated, "required") and "value" not in parts
    for part, each in parts.items():
        if part not in _NO_PARTS | {"value"}:
            found = _attribute(f"{name}.{label}.{part}", each, within)
            yield replace(found, required=needed and found.required)


def _is_label(kind: str) -> bool:
    """Whether a type of entries can stand in the name of an attribute."""
    return kind.isprintable() and "." not in kind


def _attribute(name: str, stated: Stated, within: _Within) -> SchemaAttribute:
    kind = folded(stated, "type")
    mutability = _mutability(stated)
    return SchemaAttribute(
        name,
        type=kind if isinstance(kind, str) and _NAME.fullmatch(kind) else "string",
        parts=tuple(sub_name(_name(each)) for each in _definitions(stated, "subAttributes")),
        several=_is_true(stated, "multiValued"),
        required=_is_true(stated, "required"),
        immutable=mutability == "immutable",
        unique=_is_unique(stated),
        allowed=tuple(_values(stated)),
        description=_text(folded(stated, "description")),
        optional_part=within.optional_part,
        read_only=within.read_only or mutability == "readonly",
        unsettable=_unsettable(name, stated),
    )


def _unsettable(name: str, stated: Stated) -> str:
    returned = str(folded(stated, "returned")).lower()
    if _mutability(stated) == "writeonly" or returned == "never":
        return "the application never shows it, so that no difference can be seen"
    if returned == "request":
        return "the application shows it only to who asks for it by name, so that every run would find it missing"
    try:
        place_of(name)
    except Rejected as error:
        return str(error)
    return ""


def _mutability(stated: Stated) -> str:
    return str(folded(stated, "mutability")).lower()


def _is_unique(stated: Stated) -> bool:
    return str(folded(stated, "uniqueness")).lower() in ("server", "global")


def _is_true(stated: Stated, key: str) -> bool:
    return folded(stated, key) in (True, "true")


def _values(stated: Stated) -> Sequence[str]:
    values = folded(stated, "canonicalValues")
    found = [each for each in values if isinstance(each, str) and each and len(each) <= LONGEST_VALUE] if isinstance(values, list) else []
    return found[:MOST_VALUES]


def _text(value: object) -> str:
    return value[:LONGEST_VALUE] if isinstance(value, str) else ""

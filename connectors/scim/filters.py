"""Filters that find a user by one attribute, with values quoted so that no value can mean anything else."""

from __future__ import annotations

import json
import unicodedata

from connectors.scim.names import ENTERPRISE, Place, PlaceKind

CASE_EXACT = frozenset({"externalId", "id"})
"""Compared exactly (RFC 7643 section 3.1); every other text here is compared without regard to case (section 2.2)."""


def literal(value: str) -> str:
    """A filter's string: a JSON string (RFC 7644 section 3.4.2.2). Percent-encoding is the HTTP client's part."""
    return json.dumps(value, ensure_ascii=False)


def equals(place: Place, value: str) -> str:
    """The filter `<attribute> eq "<value>"`, the one form that every server with filters has."""
    return f"{filter_path(place)} eq {literal(value)}"


def filter_path(place: Place) -> str:
    """Returns the path by which a filter names an attribute, without an entry's type: what comes back is compared here."""
    match place.kind:
        case PlaceKind.SIMPLE:
            return place.attribute
        case PlaceKind.COMPLEX:
            return f"{place.attribute}.{place.sub}"
        case PlaceKind.ENTRY:
            return f"{place.attribute}.{place.sub or 'value'}"
        case PlaceKind.EXTENSION:
            inside = ".value" if place.attribute == ENTERPRISE and place.sub == "manager" else ""
            return f"{place.attribute}:{place.sub}{inside}"


def same(place: Place, held: object, wanted: str) -> bool:
    """Whether a held value is the wanted one, as SCIM compares this attribute."""
    if not isinstance(held, str | int | float) or isinstance(held, bool):
        return False
    if place.attribute in CASE_EXACT:
        return str(held) == wanted
    return fold(str(held)) == fold(wanted)


def fold(text: str) -> str:
    """The form in which texts are compared where case does not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def other_case(value: str) -> str:
    """The value with the case of its ASCII letters turned round: it finds the same user only where case does not count."""
    return "".join(letter.swapcase() if letter.isascii() else letter for letter in value)

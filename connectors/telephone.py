"""Telephone numbers as URIs (RFC 3966), which SCIM recommends and some applications make of every number."""

from __future__ import annotations

SCHEME = "tel:"
SEPARATORS = str.maketrans("", "", " -.()")
"""Separators that RFC 3966 calls visual, and the space that numbers have outside of URIs."""


def same_number(one: str, other: str) -> bool:
    """Whether one of two texts is the URI of the number that the other is. Two spellings of a number without a URI are two values."""
    return is_uri(one) is not is_uri(other) and bare(one) == bare(other) != ""


def is_uri(text: str) -> bool:
    """Whether a text is a `tel:` URI."""
    return text.lower().startswith(SCHEME)


def bare(text: str) -> str:
    """The number without scheme and separators."""
    return (text[len(SCHEME) :] if is_uri(text) else text).translate(SEPARATORS)

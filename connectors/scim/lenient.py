"""Lenient reading of JSON: a value that is wrong costs only the record it is in."""

from __future__ import annotations

import json

import msgspec

from connectors.bounds import MOST_DIGITS
from connectors.errors import BadResponse


def read_json(body: bytes) -> object:
    """The value in a text. Raises BadResponse.

    A lone half of a surrogate pair and a stray byte are kept, and a number of too many digits becomes something that cannot be
    written as JSON again.
    """
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return _lenient(body)


def dumped(value: object) -> str:
    """The text of a value that was read, as evidence; empty where it cannot be written."""
    try:
        return json.dumps(value, default=repr)
    except (ValueError, RecursionError):
        return ""


def _lenient(body: bytes) -> object:
    try:
        return json.loads(body.decode(errors="surrogateescape"), strict=False, parse_constant=str, parse_int=_bounded_int)
    except RecursionError:
        raise BadResponse("The answer is nested too deeply to be read", detail=body[:200].decode(errors="replace")) from None
    except ValueError as error:
        raise BadResponse("The answer is not JSON", detail=body[:200].decode(errors="replace")) from error


def _bounded_int(text: str) -> object:
    """A number; what has too many digits costs the record it is in, which cannot be written as JSON again."""
    return int(text) if len(text) <= MOST_DIGITS else LongNumber()


class LongNumber:
    """Stands for a number with too many digits to be one."""

    def __repr__(self) -> str:
        return f"(a number of more than {MOST_DIGITS} digits)"

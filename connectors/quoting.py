"""Quotes what a system, a file or a person stated inside a sentence."""

from __future__ import annotations


def quoted(value: object) -> str:
    r"""Returns a value in quotes, on one line, with every character escaped that cannot be seen; a backslash stays as it is: 'corp\ann'."""
    return repr(value).replace("\\\\", "\\") if isinstance(value, str) else repr(value)

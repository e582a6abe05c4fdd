"""Finds the next page by the Link headers of an answer (RFC 8288), and escapes a name as one segment of a path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from connectors.errors import Rejected
from connectors.quoting import quoted

_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"(?:\\.|[^"\\])*"|[^\s;,"]*))?)*)')
_PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;,"]*))')


def links(headers: Iterable[str]) -> dict[str, str]:
    """Returns targets by relation type (lower case), from Link header lines; the first of each counts (RFC 8288, section 3.3)."""
    found: dict[str, str] = {}
    for target, parameters in (match.groups() for line in headers for match in _LINK.finditer(line)):
        for relation in _relations(parameters):
            found.setdefault(relation, target)
    return found


def _relations(parameters: str) -> list[str]:
    for parameter in _PARAMETER.finditer(parameters):
        if parameter[1].lower() == "rel":
            return (parameter[2] or parameter[3] or "").lower().split()
    return []


def segment(name: str) -> str:
    """The name as one path segment. Refuses what a URL parser takes for a step in the path (RFC 3986, section 5.2.4)."""
    if name in ("", ".", ".."):
        raise Rejected(f"{quoted(name)} cannot stand in a path, so nothing can be asked about it")
    return quote(name, safe="@", errors="replace")

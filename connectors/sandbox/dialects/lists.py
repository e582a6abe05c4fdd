"""Lists of a product: which of its resources, in which pages."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sandbox.dialects.directory import Directory
from connectors.sandbox.dialects.habits import Habits, Pages
from connectors.sandbox.dialects.refusals import Refused
from connectors.sandbox.dialects.resources import Resource, comparison

_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_NOT_EVERYWHERE = frozenset({"startIndex", "attributes", "excludedAttributes"})


def listed(directory: Directory, kind: str, asked: Mapping[str, str]) -> Resource:
    """One page of a list. Raises Refused for a question that the product does not take."""
    habits = directory.habits
    if not habits.projections and _NOT_EVERYWHERE & set(asked):
        raise Refused(400, "startIndex, attributes and excludedAttributes are not supported")
    rows = directory.rows(kind)
    if "filter" in asked:
        comparing = _filter(habits, asked["filter"])
        rows = [each for each in rows if directory.matches(kind, each, *comparing)]
    start, size = _place(habits, asked, len(rows))
    page = [_projected(directory.shown(kind, each), asked) for each in rows[start : start + size]]
    answer: Resource = {"schemas": [_LIST], "itemsPerPage": len(page), "Resources": page}
    if habits.pages is Pages.CURSOR and "cursor" in asked:
        return answer | ({"nextCursor": f"c:{start + size}"} if start + size < len(rows) else {})
    return answer | {"totalResults": len(rows), "startIndex": start + 1}


def _place(habits: Habits, asked: Mapping[str, str], total: int) -> tuple[int, int]:
    """The first row of a page, counted from 0, and how many rows it has at most."""
    if habits.pages is Pages.NONE:
        return 0, total
    size = min(int(asked.get("count", habits.default_page)), habits.max_page)
    if habits.pages is Pages.CURSOR:
        return int(asked.get("cursor", "").removeprefix("c:") or 0), size
    start = int(asked.get("startIndex", 1))
    if habits.furthest_start is not None and start > habits.furthest_start:
        raise Refused(400, f"startIndex is {habits.furthest_start} at most")
    return max(start, 1) - 1, size


def _filter(habits: Habits, text: str) -> tuple[str, str, str]:
    attribute, operator, value = comparison(text)
    if operator not in habits.operators or (habits.filters is not None and attribute not in habits.filters):
        raise Refused(400, f"{attribute} {operator} is not supported in a filter", "invalidFilter")
    return ("id" if habits.external_id_is_own and attribute == "externalId" else attribute), operator, value


def _projected(shown: Resource, asked: Mapping[str, str]) -> Resource:
    if "attributes" in asked:
        return {key: value for key, value in shown.items() if key in ("id", "schemas", *asked["attributes"].split(","))}
    left_out = asked.get("excludedAttributes", "").split(",")
    return {key: value for key, value in shown.items() if key not in left_out}

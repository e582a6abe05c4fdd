"""The reason of a change of links by which a person's account follows them from one anchor to the next."""

from __future__ import annotations

BETWEEN = " is one person with "


def one_person(former: str, named: str) -> str:
    """Returns the reason: the former anchor, and the person by name and present anchor. The journal keeps it, and finds former anchors by it."""
    return f"{former}{BETWEEN}{named}"


__all__ = ["BETWEEN", "one_person"]

"""Faults that a sandboxed system shows, by request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """Kind of a fault."""

    STATUS = "status"
    """Answers the given status (503 unless given) without executing."""
    STATUS_AFTER = "status_after"
    """Executes, then answers the given status (503 unless given): the write happened although the answer says otherwise."""
    DROP_BEFORE = "drop_before"
    """Aborts the connection without executing."""
    DROP_AFTER = "drop_after"
    """Executes, waits `seconds` or until the faults are cleared, then aborts the connection without an answer."""
    LATENCY = "latency"
    """Waits `seconds`, or until the faults are cleared, before executing; other faults still apply."""
    BODY = "body"
    """Executes, then replaces the body, and the headers and the status where they are given: a malformed page, HTML, a hostile link."""
    REDIRECT = "redirect"
    """Answers a redirect (302 unless given) without executing; the headers hold the Location."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault and the requests it strikes: those that match, from number `after` on, `times` of them."""

    kind: FaultKind
    method: str = ""
    """Empty for every method."""
    path: str = ""
    """A regular expression searched for in the path with its query, as sent; empty for every path."""
    after: int = 0
    """Number of matching requests that pass unharmed first."""
    times: int | None = None
    """Number of matching requests it strikes then; None for all."""
    status: int | None = None
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"the path of a fault is a regular expression, and {self.path!r} is none: {error}") from error

    def matches(self, method: str, target: str) -> bool:
        """Whether a request is of those this fault is about. `target` is the path with its query."""
        return self.method in ("", method) and re.search(self.path, target) is not None


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0

    def strikes(self) -> bool:
        """Counts one matching request and says whether it is struck."""
        number = self.seen
        self.seen += 1
        first = self.fault.after
        return number >= first and (self.fault.times is None or number < first + self.fault.times)


class Faults:
    """The faults that are armed, with how often each was met."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        self._armed.append(_Armed(fault))

    def clear(self) -> None:
        self._armed.clear()

    def striking(self, method: str, target: str) -> list[Fault]:
        """The faults that strike this request, in the order they were added; each match is counted."""
        met = [armed for armed in self._armed if armed.fault.matches(method, target)]
        return [armed.fault for armed in met if armed.strikes()]

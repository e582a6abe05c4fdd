"""Compares the scopes of a read with what was read before: an older file, too many rows that are gone, keys that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.contract import ScopeKind
from connectors.quoting import quoted
from reconcile.plan.impact import number_of
from reconcile.plan.journal_place import JournalPlace
from reconcile.project.config import Reading
from reconcile.snapshot.scope_state import ScopeState
from reconcile.snapshot.shrinking import OwnEndings, is_shrunk, own_losses
from reconcile.store.connection import Store

WRONG_CLOCK = timedelta(days=1)
"""A time further ahead of this machine's clock than this is a mistake, and nothing follows from it."""
_WAY_OUT = "If it is right, raise"


@dataclass(frozen=True, slots=True)
class EarlierReads:
    """The earlier reads of one system, as far as the present one must agree with them."""

    store: Store
    system: str
    reading: Reading
    ended: OwnEndings

    def contradiction(self, state: ScopeState) -> str:
        """Compares with the last complete read of the same scope: returns a reason against this one, or an empty text."""
        if state.delta:
            return ""
        if older := self._sent_again(state):
            return older
        before = self.store.rows("previous_scope", system=self.system, kind=state.scope.kind, name=state.scope.name)
        if not before:
            return ""
        rows, fingerprint, name, taken_at, entry = before[0]
        if shrunk := self._shrunk(state, rows, JournalPlace(taken_at, entry)):
            return shrunk
        if state.scope.kind is ScopeKind.FILE and state.pages:
            if fingerprint == state.fingerprint:
                state.note = f"byte for byte what was read before as {name}"
            else:
                state.warning = self._replaced(state)
        return ""

    def _replaced(self, state: ScopeState) -> str:
        """A warning where a file is one of before that others have replaced since; else empty. HR may take a change back in truth."""
        for name, taken_at in self.store.rows("replaced_file", system=self.system, fingerprint=state.fingerprint):
            return (
                f"byte for byte what was read at {taken_at} as {name}, and other rows were read since: people who left in between are active again by it. "
                "If HR did not take that back, put the newest export in its place."
            )
        return ""

    def _shrunk(self, state: ScopeState, before: int, since: JournalPlace) -> str:
        found = state.rows - state.repeated
        if not is_shrunk(self.reading, before, found, lambda: own_losses(self.store, self.system, state.scope, since, self.ended)):
            return ""
        return (
            f"it has {found} rows where the last complete read had {before}; a drop of more than {self.reading.shrink_percent:g} % "
            f"is treated as a partial read. {self._way_out('shrink_percent')}"
        )

    def replacement(self, files: Sequence[ScopeState]) -> str:
        """Returns why the people of the files cannot be the same as before, by their keys, so that no lost row hides behind a new one."""
        if not files or any(state.reason or state.delta for state in files) or not any(map(self._read_before, files)):
            return ""
        self.store.do("make_key_core", "make_gone_rows", system=self.system)
        respelt, old, new = self.store.rows("respelt_rows", system=self.system)[0]
        if respelt > self.reading.shrink_floor:
            return (
                f"the keys of {number_of(respelt, 'row')} changed ({quoted(old)} is {quoted(new)} by now?): a row with another key counts as "
                f"another person, who would get a second account. Correct the export or the key. {self._way_out('shrink_floor')}"
            )
        known, gone = self.store.rows("gone_rows", system=self.system)[0]
        lost = gone - sum(state.lost for state in files)
        if lost <= self.reading.shrink_floor or lost <= known * self.reading.shrink_percent / 100:
            return ""
        return (
            f"{lost} of the {known} rows of the last complete read are gone, whatever is new; a drop of more than "
            f"{self.reading.shrink_percent:g} % is treated as a partial read. {self._way_out('shrink_percent')}"
        )

    def _read_before(self, state: ScopeState) -> bool:
        return bool(self.store.rows("previous_scope", system=self.system, kind=state.scope.kind, name=state.scope.name))

    def _way_out(self, setting: str) -> str:
        return f"{_WAY_OUT} reading.{self.system}.{setting} in reconcile.toml for this read"

    def _sent_again(self, state: ScopeState) -> str:
        """Returns why a file is older than one whose rows count already; else empty.

        What a read of before was current to does not count where it lies in the future: it was a mistake, and every later file would
        be older. A day and a moment are compared as days.
        """
        if state.scope.kind is not ScopeKind.FILE or not state.watermark:
            return ""
        before = self.store.rows("previous_watermark", system=self.system, name=state.scope.name, latest=_latest())
        if not before:
            return ""
        watermark, name = before[0]
        if state.watermark < watermark[: len(state.watermark)]:
            return f"it states {state.watermark}, and {name} with {watermark} was read before: an older file was sent again"
        return ""


def without_way_out(reason: str) -> str:
    """A reason without the setting that it proposes to change, where a sentence ends with another way out."""
    return reason.partition(f". {_WAY_OUT}")[0]


def in_future(watermark: str) -> bool:
    """Whether what a read was current to can only be a mistake."""
    return watermark > _latest()


def _latest() -> str:
    """Returns the present time by this machine's clock, which the connectors compare with the dates of files and servers."""
    return (datetime.now(UTC) + WRONG_CLOCK).strftime("%Y-%m-%dT%H:%M:%SZ")

"""Binds each connector's links and granted memberships to one system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconcile.apply.audit import Audit, AuditEvent
from reconcile.apply.journal_file import JournalFile
from reconcile.plan.origin import BoundSystem


class SystemBindings:
    """The bindings in a journal."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def bound(self) -> Mapping[str, BoundSystem]:
        """The system that each connector's links and granted memberships belong to, as the newest run or `rebind` left it."""
        rows = self._file.rows("bindings")
        return {system: BoundSystem(id=id_, address=address) for system, id_, address in rows}

    def rebind(self, system: str, bound: BoundSystem, *, forget: bool) -> None:
        """Binds a connector's links to another system; `forget`: those that the journal has so far mean nothing there."""
        with self._file.transaction():
            self.bind(system, bound, forgets=self._file.last_entry() if forget else 0, anew=True)
            facts = {"system": system, "id": bound.id, "address": bound.address, "forget": forget}
            Audit(self._file).record(AuditEvent.REBOUND, facts=facts)

    def forgotten(self) -> Mapping[str, int]:
        """Returns by connector the entry up to which its links and granted memberships belong to a system that is gone."""
        return dict(self._file.rows("forgotten_entries"))

    def bind(self, system: str, bound: BoundSystem, *, forgets: int = 0, anew: bool = False) -> None:
        """Records the system that a connector reaches, where it has changed."""
        if anew or self.bound().get(system) != bound:
            self._file.do("add_binding", system=system, id=bound.id, address=bound.address, forgets=forgets, at=self._file.clock.stamp())

    def record_reads(self, reads: Iterable[tuple[str, int, str]]) -> None:
        """Records the newest snapshot of each system: its number and its moment."""
        self._file.do_many(
            "set_latest_read", ({"system": system, "number": number, "taken_at": taken_at} for system, number, taken_at in reads)
        )

    def reads(self) -> Mapping[str, tuple[int, str]]:
        """The number and the moment of the newest snapshot of each system, as the newest extract left them."""
        return {system: (number, taken_at) for system, number, taken_at in self._file.rows("latest_reads")}

"""Asks the conditions of `[protected]` of an account as it is now, after the snapshots were taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connectors.contract import Record
from mappings.expressions import Language
from reconcile.decide.identities.source_columns import needed_columns
from reconcile.errors import Uncomputable
from reconcile.store.connection import Store
from reconcile.store.holding import store_holding


@dataclass(frozen=True, slots=True)
class AccountConditions:
    """The conditions by target."""

    where: Mapping[str, str]
    language: Language
    run_date: date

    def reason(self, target: str, record: Record) -> str:
        """Returns why the account is protected; empty where the condition does not hold. One that cannot be computed protects."""
        where = self.where.get(target, "")
        if not where:
            return ""
        with store_holding({target: [record]}) as store:
            try:
                return by_condition(target) if self.matching(store, target) else ""
            except Uncomputable as error:
                return f"protected: whether accounts_where of {target} holds for it cannot be computed ({error.why})"

    def matching(self, store: Store, target: str) -> list[str]:
        """The accounts of a store for which the target's condition holds. Raises Uncomputable."""
        table, where = f"protected_rows_of_{target}", self.where[target]
        needed = needed_columns(store.value("known_columns", system=target) or [], [where], self.language)
        store.relations.expand_json(table, "source_rows", needed, system=target, rank=0, run_date=self.run_date.isoformat())
        store.expressions.computes(table, "_record_id", [where])
        return store.expressions.keys(table, "_record_id", where=where)


def by_condition(target: str) -> str:
    return f"protected: accounts_where of {target} holds for it"

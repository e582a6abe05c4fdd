"""Rows of a plan that a person names by an SQL predicate over its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectors.quoting import quoted
from mappings.expressions import Language, NotAnExpression
from reconcile.errors import ExitCode, ReconcileError
from reconcile.plan.model import Plan
from reconcile.store.plans.scratch import scratch_folder, stored_operations
from reconcile.store.plans.selection import operations_where
from reconcile.store.plans.tables import StoredOperations


class NotAPlanPredicate(ReconcileError):
    """A text does not say for which rows of a plan it holds."""

    exit_code = ExitCode.USAGE

    def __init__(self, option: str, text: str, why: str, so: str) -> None:
        self.option, self.text, self.why = option, text, why
        end = "" if why.endswith(("?", ".")) else "."
        super().__init__(
            f"{option} {quoted(text)}: {why}{end} Write an expression over the columns of operation.parquet, such as verb = 'deactivate' "
            f"AND target = 'okta'. {so}"
        )


def rows_where(
    operations: StoredOperations, option: str, predicate: str, language: Language, so: str = "No plan was made."
) -> Sequence[str]:
    """The ids of the operations for which a predicate holds, in order. `so`: what follows where it is none. Raises NotAPlanPredicate."""
    try:
        return operations_where(operations.tables, predicate, language)
    except NotAnExpression as error:
        raise NotAPlanPredicate(option, predicate, str(error), so) from error


def only_where(plan: Plan, predicate: str, language: Language, state: Path) -> frozenset[str] | None:
    """The ids of the rows of a plan in memory that `--only` means; None where it is not given. Raises NotAPlanPredicate."""
    if not predicate:
        return None
    with scratch_folder(state) as folder:
        return frozenset(rows_where(stored_operations(plan, folder), "--only", predicate, language))

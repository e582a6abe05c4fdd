"""Maps the exceptions that a command foresees to their exit codes and sentences."""

from __future__ import annotations

from reconcile.errors import ExitCode, ReconcileError
from reconcile.visible import seen_line


def known(error: Exception) -> tuple[ExitCode, str] | None:
    """Returns the exit code and the sentence of a situation that is foreseen; None for a fault of this program."""
    from connectors.secrets import SecretMissing  # noqa: PLC0415 - deferred: loads pydantic
    from mappings.problems import BadConfiguration  # noqa: PLC0415 - deferred: loads pydantic
    from reconcile.disk import file_fault  # noqa: PLC0415 - beside the others

    if isinstance(error, OSError) and (fault := file_fault(error)):
        error = fault
    match error:
        case ReconcileError():
            return error.exit_code, seen_line(str(error))
        case BadConfiguration() | SecretMissing():
            return ExitCode.BAD_CONFIGURATION, str(error)
        case _:
            return None

"""Names for a shell to complete: plans, live runs, systems. Reads file names and a few rows; it writes nothing, and fails at nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path

from reconcile.apply.journal_file import newest_runs
from reconcile.plan.digest import SHOWN

_MOST = 20
"""Names that are offered, the newest first."""
Offer = tuple[str, str]
"""A name, and what a shell may show beside it."""


def _never_failing(names: Callable[[Path], Sequence[Offer]]) -> Callable[[Path], Sequence[Offer]]:
    """Makes a project that cannot be read offer nothing: a shell would show the error in the middle of a line."""

    @wraps(names)
    def asked(folder: Path) -> Sequence[Offer]:
        try:
            return names(folder)
        except (OSError, ValueError, LookupError, AttributeError):
            return ()

    return asked


@_never_failing
def plan_names(folder: Path) -> Sequence[Offer]:
    """The digests of saved plans, as they are shown."""
    plans = [each for each in (_state(folder) / "plans").iterdir() if each.is_dir() and len(each.name) == 64]
    dated = sorted(((each.stat().st_mtime, each.name) for each in plans), reverse=True)
    return [(name[:SHOWN], f"made {_moment(made)}") for made, name in dated[:_MOST]]


@_never_failing
def run_names(folder: Path) -> Sequence[Offer]:
    """The names of live runs."""
    return [(name, f"plan {plan[:SHOWN]}") for name, plan in newest_runs(_state(folder), _MOST)]


@_never_failing
def system_names(folder: Path) -> Sequence[Offer]:
    """The names of the configured systems."""
    return [(name, str(settings.get("type", ""))) for name, settings in _settings(folder).get("connectors", {}).items()]


def _settings(folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    return tomllib.loads((folder / "reconcile.toml").read_text(encoding="utf-8-sig"))


def _state(folder: Path) -> Path:
    return folder / str(_settings(folder)["project"].get("state", "state"))


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"

"""Completion of arguments in a shell: what the project holds that may stand there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import click
from click.shell_completion import CompletionItem

Completing = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completing(function: str) -> Completing:
    """Completes by a function of `reconcile.usecases.completion`, loaded when a shell asks."""

    def items(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        folder = context.find_root().params.get("folder") or Path()
        names: Sequence[tuple[str, str]] = getattr(import_module("reconcile.usecases.completion"), function)(Path(folder))
        return [CompletionItem(name, help=told) for name, told in names if name.startswith(incomplete)]

    return items


plans = _completing("plan_names")
runs = _completing("run_names")
systems = _completing("system_names")

"""Options and arguments that may be left out, and say something where they are given."""

from __future__ import annotations

import click
from click.core import ParameterSource


def not_empty(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The value as it was given. An empty one is refused: a script whose variable is not set never means what leaving it out means."""
    given = parameter.name is not None and ctx.get_parameter_source(parameter.name) is not ParameterSource.DEFAULT
    if given and not value.strip():
        raise click.BadParameter("must not be empty; leave it out, or give a value", ctx, parameter)
    return value

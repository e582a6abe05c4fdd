"""Values of the command line that must say something where they are given."""

from __future__ import annotations

import click
from click.core import ParameterSource


def not_empty(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The value as it was given. An empty one is refused: a script whose variable is not set never means what leaving it out means."""
    given = parameter.name is not None and ctx.get_parameter_source(parameter.name) is not ParameterSource.DEFAULT
    if given and not value.strip():
        raise click.BadParameter("must not be empty; leave it out, or give a value", ctx, parameter)
    return value


class Words(click.ParamType[str]):
    """A text that says something."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not str(value).strip():
            self.fail("must not be empty", param, ctx)
        return str(value).strip()

"""The command that starts local systems to try things on."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from pydantic import ValidationError

from reconcile.cli.output import say
from reconcile.errors import BadSeed, ExitCode, PortTaken

if TYPE_CHECKING:
    from connectors.sandbox.host import Sandbox
    from connectors.sandbox.wire import WireApp

App = TypeVar("App")


@click.command()
@click.option("--okta-port", type=click.IntRange(0, 65535), default=8201, show_default=True, help="0 takes a free one.")
@click.option("--scim-port", type=click.IntRange(0, 65535), default=8202, show_default=True, help="0 takes a free one.")
@click.option("--okta-seed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What the Okta org holds at first (JSON).")
@click.option(
    "--scim-seed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What the SCIM application holds at first (JSON)."
)
@click.option("--scim-dialect", default="", metavar="NAME", help="The product whose limits and odd answers the SCIM application has.")
def sandbox(okta_port: int, scim_port: int, okta_seed: Path | None, scim_seed: Path | None, scim_dialect: str) -> int:
    """Start an Okta org and a SCIM 2.0 application on 127.0.0.1 until Ctrl-C.

    With `--scim-dialect` the application takes and answers only what that product does, by its documentation, such as `slack`.
    They keep what they hold in memory. The tokens they accept are printed; `/_sandbox/state` and `/_sandbox/requests` tell what they hold
    and what they were asked, and faults are switched on by a POST to `/_sandbox/faults`.
    """
    try:
        from connectors.sandbox.dialects.application import DialectSandbox  # noqa: PLC0415 - deferred: an extra
        from connectors.sandbox.dialects.products import PRODUCTS  # noqa: PLC0415 - deferred: an extra
        from connectors.sandbox.host import running  # noqa: PLC0415 - deferred: an extra
        from connectors.sandbox.okta import OktaSandbox  # noqa: PLC0415 - deferred: an extra
        from connectors.sandbox.scim import BASE_PATH, ScimSandbox  # noqa: PLC0415 - deferred: an extra
    except ModuleNotFoundError as error:
        raise click.ClickException(f"The sandbox needs {error.name}: install identity-reconcile[sandbox].") from error

    stop = threading.Event()
    if scim_dialect and scim_dialect not in PRODUCTS:
        raise click.BadParameter(f"{scim_dialect!r} is none of {', '.join(sorted(PRODUCTS))}", param_hint="--scim-dialect")
    application: Callable[[dict[str, object]], DialectSandbox | ScimSandbox] = (
        partial(DialectSandbox, PRODUCTS[scim_dialect]) if scim_dialect else ScimSandbox
    )
    okta_app, scim_app = _seeded(OktaSandbox, okta_seed), _seeded(application, scim_seed)
    with _listening(running, okta_app, "--okta-port", okta_port) as okta, _listening(running, scim_app, "--scim-port", scim_port) as scim:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        say(f"Okta  {okta.url}  token {okta_app.settings.tokens[0]}")
        say(f"SCIM  {scim.url}{BASE_PATH}  token {scim_app.gate.token}")
        say("Ctrl-C stops them.")
        stop.wait()
    return ExitCode.DONE


def _seeded(system: Callable[[dict[str, object]], App], path: Path | None) -> App:
    """A system that holds what a file says. Raises BadSeed."""
    if path is None:
        return system({})
    try:
        return system(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadSeed(path, _reason(error)) from error


def _reason(error: Exception) -> str:
    """Returns the error in one line: of many mistakes the first."""
    match error:
        case ValidationError():
            first = error.errors(include_url=False, include_input=False)[0]
            return f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"
        case UnicodeDecodeError():
            return "not UTF-8 text"
        case json.JSONDecodeError():
            return f"not JSON: {error}"
        case _:
            return f"{type(error).__name__}: {error}"


@contextlib.contextmanager
def _listening(running: Callable[..., AbstractContextManager[Sandbox]], app: WireApp, option: str, port: int) -> Iterator[Sandbox]:
    """A running system. Raises PortTaken."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running(app, port=port))
        except OSError as error:
            raise PortTaken(option, port, os.strerror(error.errno) if error.errno else str(error)) from error
        yield server

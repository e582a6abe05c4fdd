"""The command that starts local systems to try things on."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from pydantic import ValidationError

from connectors.quoting import quoted
from reconcile.cli.moment import command_clock
from reconcile.cli.output import say
from reconcile.errors import BadSeed, ExitCode, PortTaken

if TYPE_CHECKING:
    from connectors.sandbox.company import Company
    from connectors.sandbox.host import Sandbox
    from connectors.sandbox.wire import WireApp

App = TypeVar("App")
_SEED = 7
"""The company is the same each time, but for the dates of its people."""


@click.command()
@click.option("--okta-port", type=click.IntRange(0, 65535), default=8201, show_default=True, help="0 takes a free one.")
@click.option("--scim-port", type=click.IntRange(0, 65535), default=8202, show_default=True, help="0 takes a free one.")
@click.option("--okta-seed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What the Okta org holds at first (JSON).")
@click.option(
    "--scim-seed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What the SCIM application holds at first (JSON)."
)
@click.option("--scim-dialect", default="", metavar="NAME", help="The product whose limits and odd answers the SCIM application has.")
@click.option("--company", "people", type=click.IntRange(40, 100_000), help="Both hold the accounts of a sample company of so many people.")
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --company: write a project for it into this new folder.",
)
def sandbox(  # noqa: PLR0913 - one argument an option
    *,
    okta_port: int,
    scim_port: int,
    okta_seed: Path | None,
    scim_seed: Path | None,
    scim_dialect: str,
    people: int | None,
    folder: Path | None,
) -> int:
    """Start an Okta org and a SCIM 2.0 application on 127.0.0.1 until Ctrl-C.

    With `--company 40` they hold accounts that lag behind what HR says, as real ones do; `--write people` makes the folder `people` with the
    HR files, the configuration and the tokens, ready for `reconcile --project people check`.

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
    _refuse_contradictions(people, folder, seeded=bool(okta_seed or scim_seed or scim_dialect))
    if scim_dialect and scim_dialect not in PRODUCTS:
        raise click.BadParameter(f"{quoted(scim_dialect)} is none of {', '.join(sorted(PRODUCTS))}", param_hint="--scim-dialect")
    application: Callable[[dict[str, object]], DialectSandbox | ScimSandbox] = (
        partial(DialectSandbox, PRODUCTS[scim_dialect]) if scim_dialect else ScimSandbox
    )
    sample = Sample.of(people) if people else None
    okta_app = OktaSandbox(sample.okta) if sample else _seeded(OktaSandbox, okta_seed)
    scim_app = ScimSandbox(sample.scim) if sample else _seeded(application, scim_seed)
    with _listening(running, okta_app, "--okta-port", okta_port) as okta, _listening(running, scim_app, "--scim-port", scim_port) as scim:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        if sample and folder:
            urls = {"okta": okta.url, "wiki": f"{scim.url}{BASE_PATH}"}
            sample.write(folder, urls, {"okta": okta_app.settings.tokens[0], "wiki": scim_app.gate.token})
        say(f"Okta  {okta.url}  token {okta_app.settings.tokens[0]}")
        say(f"SCIM  {scim.url}{BASE_PATH}  token {scim_app.gate.token}")
        if folder:
            say(f"wrote {folder}. Next, in another terminal:\n  reconcile --project {folder} check")
        say("Ctrl-C stops them.")
        stop.wait()
    return ExitCode.DONE


def _refuse_contradictions(people: int | None, folder: Path | None, *, seeded: bool) -> None:
    if people and seeded:
        raise click.UsageError("--company fills both systems: give it without --okta-seed, --scim-seed and --scim-dialect.")
    if folder and not people:
        raise click.UsageError("--write makes the project of a company: give --company 40, too.")
    if folder and folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty; nothing was overwritten. Give a new folder to --write.")


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample company, as it is today, and the accounts of its people."""

    staff: Company
    okta: dict[str, Any]
    scim: dict[str, Any]

    @classmethod
    def of(cls, people: int) -> Sample:
        from connectors.sandbox.company import company, okta_seed, scim_seed  # noqa: PLC0415 - deferred: heavy
        from reconcile.usecases.sample_project import ZONE  # noqa: PLC0415 - deferred: heavy

        staff = company(people, _SEED, command_clock().today(ZONE))
        return cls(staff, okta_seed(staff), scim_seed(staff))

    def write(self, folder: Path, urls: Mapping[str, str], tokens: Mapping[str, str]) -> None:
        from reconcile.usecases.sample_project import write_sample_project  # noqa: PLC0415 - deferred: heavy

        write_sample_project(folder, self.staff, urls, tokens)


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

"""The command that starts local systems to try things on."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import click

from reconcile.errors import ExitCode


@click.command()
@click.option("--okta-port", type=click.IntRange(0, 65535), default=8201, show_default=True, help="0 takes a free one.")
@click.option("--scim-port", type=click.IntRange(0, 65535), default=8202, show_default=True, help="0 takes a free one.")
@click.option("--okta-seed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What the Okta org holds at first (JSON).")
@click.option(
    "--scim-seed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What the SCIM application holds at first (JSON)."
)
def sandbox(okta_port: int, scim_port: int, okta_seed: Path | None, scim_seed: Path | None) -> int:
    """Start an Okta org and a SCIM 2.0 application on 127.0.0.1 until Ctrl-C.

    They keep what they hold in memory. The tokens they accept are printed; `/_sandbox/state` and `/_sandbox/requests` tell what they hold
    and what they were asked, and faults are switched on by a POST to `/_sandbox/faults`.
    """
    try:
        from connectors.sandbox.host import running  # noqa: PLC0415 - deferred: an extra
        from connectors.sandbox.okta import OktaSandbox  # noqa: PLC0415 - deferred: an extra
        from connectors.sandbox.scim import BASE_PATH, ScimSandbox  # noqa: PLC0415 - deferred: an extra
    except ModuleNotFoundError as error:
        raise click.ClickException(f"The sandbox needs {error.name}: install identity-reconcile[sandbox].") from error

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    okta_app, scim_app = OktaSandbox(_seed(okta_seed)), ScimSandbox(_seed(scim_seed))
    with running(okta_app, port=okta_port) as okta, running(scim_app, port=scim_port) as scim:
        click.echo(f"Okta  {okta.url}  token {okta_app.settings.tokens[0]}")
        click.echo(f"SCIM  {scim.url}{BASE_PATH}  token {scim_app.settings.token}")
        click.echo("Ctrl-C stops them.")
        stop.wait()
    return ExitCode.DONE


def _seed(path: Path | None) -> dict[str, object]:
    seed: dict[str, object] = json.loads(path.read_text(encoding="utf-8")) if path else {}
    return seed

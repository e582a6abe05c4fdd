"""Drafts reconcile.toml around the contract of an export."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from reconcile.usecases.draft import toml
from reconcile.usecases.draft.target import Kind

_TOKENS: Mapping[Kind, str] = {Kind.OKTA: "OKTA_TOKEN", Kind.SCIM: "SCIM_TOKEN"}


def token_place(kind: Kind) -> str:
    """Returns the place of a target's token: in the environment where that variable is set, else in a file of the project."""
    return f"env:{_TOKENS[kind]}" if os.environ.get(_TOKENS[kind]) else f"file:secrets/{kind.value}"


def settings(name: str, contract: Sequence[str], targets: Mapping[Kind, str]) -> list[str]:
    """The lines of reconcile.toml. `targets`: the address of each."""
    return [
        "# Drafted by `reconcile init --from` from the content of one export. `# ASK` marks what the file could not tell and has a safe",
        "# default; a value that begins with ASK must be replaced before `reconcile check` passes. Of the file's values only words that",
        "# repeat (status, department) and single letters stand in these drafts.",
        "",
        "[project]",
        f"name = {toml.quoted(name)}",
        f"time_zone = {toml.asked('whose date is today? For example Europe/Berlin, America/New_York, UTC')}",
        "",
        *contract,
        *(line for kind, url in targets.items() for line in _target(kind, url)),
        "",
        "# Never touched, whatever a mapping says.",
        "[protected]",
        "# ASK: whom may no plan change? Anchors of people, or patterns of them.",
        "people = []",
        *(
            [
                "",
                "[protected.accounts]",
                '# ASK: break-glass and service accounts, administrators: logins, addresses or ids, or patterns such as "svc-*@example.com".',
            ]
            if targets
            else []
        ),
        *(f"{kind.value} = []" for kind in targets),
    ]


def _target(kind: Kind, url: str) -> Iterator[str]:
    yield ""
    yield f"[connectors.{kind.value}]"
    yield f'type = "{kind.value}"'
    yield f"url = {toml.quoted(url)}"
    yield f"token = {toml.quoted(token_place(kind))}  # a secret never stands in this file: env:NAME, or file:PATH"
    if kind is Kind.SCIM:
        yield "# ASK: which product is it? The application of docs/configuration.md with its limits, as a dialect."
        yield 'dialect = "generic-rfc"'
        yield "# ASK: has it no users at all yet? Then empty_ok = true until the first are there: else an empty list is taken for a broken one."

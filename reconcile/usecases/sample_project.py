"""A project for a sample company: the shipped files, filled in for local systems, with the HR files and the tokens."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from connectors.sandbox.company import Company, write_hr

ZONE = "Europe/Berlin"
"""Time zone of the shipped project: whose date the company is of."""
_ADDRESSES = {"okta": "https://your-org.okta.com", "wiki": "https://wiki.example.com/scim/v2"}
_PROTECTED = 'okta = ["breakglass@example.com"]'


def write_sample_project(folder: Path, staff: Company, urls: Mapping[str, str], tokens: Mapping[str, str]) -> None:
    """Writes `hr/`, `mappings/`, `secrets/` and `reconcile.toml`. `urls` and `tokens`: those of `okta` and `wiki`."""
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    write_hr(staff, folder / "hr")
    for entry in files("mappings").iterdir():
        if entry.name.endswith(".toml") and entry.name != "reconcile.toml":
            (folder / "mappings" / entry.name).write_text(entry.read_text(encoding="utf-8"), encoding="utf-8")
    settings = (files("mappings") / "reconcile.toml").read_text(encoding="utf-8")
    for name, url in urls.items():
        settings = settings.replace(_ADDRESSES[name], url)
    # The first of them is the break-glass account, which only Okta has.
    okta, wiki = (json.dumps(list(some)) for some in (staff.protected, staff.protected[1:]))
    (folder / "reconcile.toml").write_text(settings.replace(_PROTECTED, f"okta = {okta}\nwiki = {wiki}"), encoding="utf-8")
    _write_secrets(folder / "secrets", tokens)


def _write_secrets(folder: Path, tokens: Mapping[str, str]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, token in tokens.items():
        opened = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(f"{token}\n")

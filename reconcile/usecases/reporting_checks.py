"""Checks what a project says about notices, metrics and the log, before a night depends on it. Sends nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from connectors.contract import Check
from connectors.http.notice import Address
from connectors.secrets import SecretMissing
from reconcile.project.config import Project
from reconcile.usecases.notify import EXTRA


def reporting_checks(project: Project) -> Mapping[str, Sequence[Check]]:
    """The checks of each table that says something, by its name in the project file."""
    file = project.file
    found = {
        "[notices]": [*_addresses(project), *_messages(project)],
        "[metrics]": list(_folder(project.folder, file.metrics.textfile, "the metrics file")),
        "[log]": list(_folder(project.folder, file.log.file, "the log")),
    }
    return {table: checks for table, checks in found.items() if checks}


def _addresses(project: Project) -> Iterator[Check]:
    notices = project.file.notices
    for name, hook in notices.webhook.items():
        yield Check(f"the address of webhook {name}", Address(hook.url, notices.seconds, project.folder, hook.ca_file).problem())
    for name, ping in notices.ping.items():
        yield Check(f"the address of ping {name}", Address(ping.url, notices.seconds, project.folder, ping.ca_file).problem())


def _messages(project: Project) -> Iterator[Check]:
    for name, message in project.file.notices.apprise.items():
        problem = "" if find_spec("apprise") else EXTRA
        try:
            message.url.reveal(project.folder)
        except SecretMissing as missing:
            problem = problem or str(missing)
        yield Check(f"the address of apprise {name}", problem)


def _folder(base: Path, file: str, what: str) -> Iterator[Check]:
    """Whether a file can be made where it shall be."""
    if file:
        folder = (base / file).parent
        fine = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        yield Check(f"the folder of {what}", "" if fine else f"{folder} is no folder that this user can write to")

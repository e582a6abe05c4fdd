"""The settings of what is told of runs: `[notices]`, `[metrics]`, `[log]`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from connectors.quoting import quoted
from connectors.secrets import Secret
from mappings.model import Model
from mappings.problems import BadConfiguration, near_miss, read_toml
from reconcile.run_outcome import RAN, RunOutcome

FIELDS = (
    "project", "outcome", "exit_code", "live", "started", "ended", "error", "plan", "run", "summary", "done", "failed", "not_done",
    "frozen", "guards", "findings", "seconds", "requests", "audit_head",
)  # fmt: skip
"""Names that the templates of a message may use."""

Outcomes = tuple[RunOutcome, ...]
_BAD: Outcomes = tuple(outcome for outcome in RunOutcome if outcome not in RAN)


def _template(text: str) -> str:
    template = Template(text)
    if not template.is_valid():
        raise ValueError("holds a $ that begins no field; write $$ for the sign itself")
    for name in template.get_identifiers():
        if name not in FIELDS:
            raise ValueError(f"there is no field {quoted(name)}{near_miss(name, FIELDS)}; the fields are {', '.join(FIELDS)}")
    return text


Text = Annotated[str, AfterValidator(_template)]
"""A text with fields such as `$outcome`."""


class Webhook(Model):
    """`[notices.webhook.NAME]`: a JSON object is posted."""

    url: Secret
    on: Outcomes | None = None
    """Outcomes that are told; those of `[notices]` where it is None."""
    ca_file: str = ""
    """File with the only certificate authority that is believed, from the project folder; empty for the usual ones."""


class Ping(Model):
    """`[notices.ping.NAME]`: a sign of life after every run, at the address, or at its `/fail`."""

    url: Secret
    failed_on: Outcomes = _BAD
    """Outcomes that go to `/fail`."""
    ca_file: str = ""


class Message(Model):
    """`[notices.apprise.NAME]`: a text by any service that apprise knows."""

    url: Secret
    on: Outcomes | None = None
    title: Text = "reconcile $project: $outcome"
    body: Text = "$summary"


class Notices(Model):
    """`[notices]`: where the outcome of a run is told."""

    on: Outcomes = (RunOutcome.CHANGES_WAIT, *_BAD)
    """Outcomes that are told."""
    seconds: Annotated[float, Field(gt=0, le=60, strict=True)] = 10
    """Time that one notice may take."""
    webhook: Mapping[str, Webhook] = Field(default_factory=dict)
    ping: Mapping[str, Ping] = Field(default_factory=dict)
    apprise: Mapping[str, Message] = Field(default_factory=dict)


class Metrics(Model):
    """`[metrics]`."""

    textfile: str = ""
    """File for the node exporter of Prometheus, from the project folder; empty for none."""


class Log(Model):
    """`[log]`."""

    file: str = ""
    """File that gets a JSON line for each step of a live run, from the project folder; empty for none."""


class Reporting(Model):
    """The settings of what is told of runs, together."""

    project: str = ""
    """Name of the project; empty where the file does not say it."""
    notices: Notices = Notices()
    metrics: Metrics = Metrics()


def load_reporting(folder: Path, file: str) -> Reporting:
    """The settings in a project file whose other parts may be wrong: a run that its configuration stops is told, too. Wrong ones count as none."""
    try:
        table, _ = read_toml(folder / file, file)
    except BadConfiguration:
        return Reporting()
    project = table.get("project")
    name = project.get("name") if isinstance(project, dict) else ""
    found: dict[str, object] = {"project": name if isinstance(name, str) else ""}
    for part, model in (("notices", Notices), ("metrics", Metrics)):
        try:
            found[part] = model.model_validate(table.get(part, {}))
        except ValidationError:
            continue
    return Reporting.model_validate(found)

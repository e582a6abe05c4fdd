"""Whether docs/configuration.md names every setting there is, none that there is not, and the right defaults."""

import inspect
import json
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import mappings.rules
import reconcile.project.config
import reconcile.project.limits
import reconcile.project.reporting
import reconcile.project.retention
from connectors.hr.companion import OkFile
from connectors.okta.settings import OAuthSettings
from connectors.registry import BUILT_IN, settings_model
from connectors.scim.dialect import Dialect, Rate
from connectors.scim.settings import BasicSettings, OAuthClientSettings
from mappings.push import PushRule
from mappings.rules import (
    AppRule,
    AttributeRule,
    CorrelationKey,
    EntitlementRule,
    GroupRule,
    Identities,
    IdentitySource,
    Lifecycle,
    Lookup,
    ManagerWay,
    RoleRule,
    TargetMapping,
)
from reconcile.project.apply_settings import ApplySettings
from reconcile.project.approval_policy import ApprovalPolicy
from reconcile.project.config import ProjectFile, ProjectSettings, Protected, Reading
from reconcile.project.decisions import LinkDecision
from reconcile.project.limits import Admins, DimensionLimits, GroupLimits, Guards, Limit, Limits, Usual
from reconcile.project.reporting import Log, Message, Metrics, Notices, Ping, Reporting, Webhook
from reconcile.project.retention import Retention
from reconcile.project.seats import Seats

PAGE = (Path(__file__).parents[2] / "docs/configuration.md").read_text(encoding="utf-8")

DESCRIBED: Mapping[str, type[BaseModel]] = {
    "`[project]`": ProjectSettings,
    "`[reading.NAME]`": Reading,
    "`[seats.TARGET]`": Seats,
    "`[guards]`": Guards,
    "`[guards.groups]`": GroupLimits,
    "`[guards.dimensions.ATTRIBUTE]`": DimensionLimits,
    "`[guards.admins.TARGET]`": Admins,
    "`[guards.usual]`": Usual,
    "A limit": Limit,
    "`[protected]`": Protected,
    "`[apply]`": ApplySettings,
    "`[approval]`": ApprovalPolicy,
    "`[notices]`": Notices,
    "`[notices.webhook.NAME]`": Webhook,
    "`[notices.ping.NAME]`": Ping,
    "`[notices.apprise.NAME]`": Message,
    "`[metrics]`": Metrics,
    "`[log]`": Log,
    "`[retention]`": Retention,
    **{f'`type = "{name}"`': settings_model(kind) for name, kind in BUILT_IN.items()},
    "`[connectors.NAME.oauth]`": OAuthSettings,
    "`oauth` of a SCIM application": OAuthClientSettings,
    "`basic` of a SCIM application": BasicSettings,
    "The companion `.ok`": OkFile,
    "A SCIM dialect": Dialect,
    "`rate`": Rate,
    "mappings/identities.toml": Identities,
    "`[[source]]`": IdentitySource,
    "`[source.lifecycle]`": Lifecycle,
    "`[[manager]]`": ManagerWay,
    "`[lookup.NAME]`": Lookup,
    "mappings/TARGET.toml": TargetMapping,
    "`[[correlate]]`": CorrelationKey,
    "`[attributes]`": AttributeRule,
    "`[groups.NAME]`": GroupRule,
    "`[push.NAME]`": PushRule,
    "`[apps.NAME]`": AppRule,
    "`[roles.NAME]`": RoleRule,
    "decisions.csv": LinkDecision,
}


def settings_under(heading: str) -> dict[str, str]:
    """The settings in the table under a heading, each with its default as the page shows it."""
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"there is no heading {heading!r}"
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| ", found[1], re.MULTILINE)
    return dict(rows)


def as_shown(field: FieldInfo) -> str:
    """A field's default as the page shows it."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, Lifecycle | GroupLimits | Usual):
        return "its own table"
    return f"`{as_toml(value)}`"


def as_toml(value: object) -> str:
    match value:
        case BaseModel():
            return as_toml(value.model_dump(exclude_unset=True))
        case Enum():
            return as_toml(value.value)
        case bool() | str():
            return json.dumps(value)
        case int() | float():
            return f"{value:_}" if value != int(value) else f"{int(value):_}"
        case Mapping():
            return f"{{ {', '.join(f'{name} = {as_toml(inner)}' for name, inner in value.items())} }}" if value else "{}"
        case Sequence() | frozenset():
            return f"[{', '.join(sorted(map(as_toml, value)))}]"
        case _:
            raise AssertionError(f"say how {value!r} is shown on the page")


@pytest.mark.parametrize("heading", DESCRIBED)
def test_the_page_names_every_setting_with_its_default(heading: str) -> None:
    fields = DESCRIBED[heading].model_fields
    assert settings_under(heading) == {field.alias or name: as_shown(field) for name, field in fields.items()}


@pytest.mark.parametrize(
    "module", [mappings.rules, reconcile.project.config, reconcile.project.limits, reconcile.project.reporting, reconcile.project.retention]
)
def test_every_model_of_a_configuration_file_has_its_table(module: object) -> None:
    models = {each for _, each in inspect.getmembers(module, inspect.isclass) if issubclass(each, mappings.rules.Model)}
    # ProjectFile and Reporting hold the tables themselves; Limits are what Guards give for all targets.
    assert models - {mappings.rules.Model, EntitlementRule, ProjectFile, Limits, Reporting} <= set(DESCRIBED.values())


def test_every_table_of_the_project_file_has_its_heading() -> None:
    for name in ProjectFile.model_fields:
        assert re.search(rf"^### `\[{name}[.\]]", PAGE, re.MULTILINE)

"""Capability checks: settings that the target does not support are refused, and operations that it cannot do are not planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, assert_never

from connectors.contract import Capability, EntitlementKind, Traits
from connectors.declaration import DeclaredAttribute
from connectors.group_changes import NAME
from mappings.rules import Rename, TargetMapping
from reconcile.decide.fragment import TargetContext
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Verb

SUSPENDING = ("leavers", "leave", "vanished")
"""The settings that can say "suspend"."""


def unsupported_settings(mapping: TargetMapping, traits: Traits) -> Iterator[tuple[str, str]]:
    """Each setting that the target cannot follow, with a sentence."""
    if traits.can.create and traits.login not in mapping.attributes:
        yield (
            "attributes",
            f"nothing says what the {traits.login} of an account is, and {mapping.target} creates none without; add attributes.{traits.login}",
        )
    for setting in SUSPENDING:
        if getattr(mapping, setting) == "suspend" and not traits.can.suspend:
            yield setting, f"{mapping.target} does not support suspension; {_instead(setting)}"
    if mapping.delete_after_days is not None and not traits.can.delete:
        yield "delete_after_days", f"{mapping.target} cannot delete a deactivated account for good; leave it out"
    if mapping.new_accounts == "staged" and not traits.can.stage:
        yield "new_accounts", f'{mapping.target} cannot keep a new account closed; say "active"'
    if mapping.activation_mail and not traits.can.activation_mail:
        yield "activation_mail", f"{mapping.target} sends no activation mail; leave it out"
    if (mapping.apps or mapping.fully_managed_apps) and not traits.can.apps:
        yield "apps", f"the apps of {mapping.target} are not read; where it is an Okta org, set apps = true for it in reconcile.toml"
    if (mapping.roles or mapping.fully_managed_roles) and not traits.roles:
        yield "roles", f"the accounts of {mapping.target} have no roles that can be changed; only those of SCIM applications have"
    elif mapping.roles and traits.roles in mapping.attributes:
        yield f"attributes.{traits.roles}", "the rules under [roles.NAME] say which roles an account has: state them there or here"

    yield from _set_in_vain(mapping, traits)
    yield from _changed_in_vain(mapping, traits)
    yield from _reviewed_in_vain(mapping, traits)


def _set_in_vain(mapping: TargetMapping, traits: Traits) -> Iterator[tuple[str, str]]:
    """Each attribute that no rule can set."""
    for name in mapping.attributes:
        if problem := traits.never_set(name):
            yield f"attributes.{name}", problem


def _changed_in_vain(mapping: TargetMapping, traits: Traits) -> Iterator[tuple[str, str]]:
    """Each rule that renames or deletes groups where the target does not."""
    for name, push in mapping.push.items():
        if push.delete and not traits.can.delete_groups:
            yield f"push.{name}.delete", f"{mapping.target} does not delete groups; leave it out"
    for name, rule in mapping.groups.items():
        if rule.rename and NAME not in traits.can.group_attributes:
            yield f"groups.{name}.rename", f"{mapping.target} does not rename groups; leave it out"


def _reviewed_in_vain(mapping: TargetMapping, traits: Traits) -> Iterator[tuple[str, str]]:
    """Each attribute whose rule says rename = "review" where no change could come of it, or where every night makes it."""
    for name, rule in mapping.attributes.items():
        if rule.rename is Rename.REVIEW and (problem := _never_renamed(mapping.target, traits, name, immutable=rule.immutable)):
            yield f"attributes.{name}", problem


def _never_renamed(target: str, traits: Traits, name: str, *, immutable: bool) -> str:
    """The reason why an attribute cannot be changed under review; empty where it can."""
    if name in traits.immutable - traits.renamable:
        return f'{target} never changes {name} once it is set, so rename = "review" cannot work; leave it out'
    if not immutable and name not in traits.immutable:
        return f'{name} is not immutable: every night changes it, reviewed or not; say immutable = true beside rename = "review", or leave it out'
    return ""


def _instead(setting: str) -> str:
    return 'say "deactivate"' if setting == "leavers" else 'say "keep" or "deactivate"'


def reduced(traits: Traits, unsupported: Mapping[str, str]) -> Traits:
    """The traits without the capabilities that the target states it does not have."""
    lacks: dict[str, Any] = {each.name: False for each in fields(Capability) if each.name in unsupported and isinstance(each.default, bool)}
    if "group_attributes" in unsupported:
        lacks["group_attributes"] = frozenset()
    return replace(traits, can=replace(traits.can, **lacks))


def with_required(traits: Traits, declared: Mapping[str, DeclaredAttribute]) -> Traits:
    """The traits with what the target declares that every new account needs."""
    return replace(traits, required=traits.required | {name for name, each in declared.items() if each.required})


def is_possible(traits: Traits, operation: Operation) -> bool:
    """Whether the target can do what the operation says; what it cannot do is never planned."""
    return bool(getattr(traits.can, capability_for(operation.verb, operation.entitlement_kind)))


def needed_capabilities(left_out: Iterable[Operation]) -> Counter[str]:
    """Counts the operations that need each capability."""
    return Counter(capability_for(operation.verb, operation.entitlement_kind) for operation in left_out)


def unsupported_findings(view: TargetContext, counted: Mapping[str, int]) -> Iterator[Finding]:
    """One finding for each capability that the target states it lacks. `counted`: how many operations were left out for want of each."""
    for capability, reason in view.unsupported.items():
        if count := counted.get(capability):
            yield Finding(
                kind=FindingKind.POLICY,
                severity=Severity.ATTENTION,
                target=view.name,
                message=f"{_CHANGES.get(capability, 'Operations')} in {view.name} are not possible ({count:,} left out): {reason}.",
            )


_CHANGES = {
    "memberships": "Changes of memberships",
    "group_attributes": "Changes of groups",
    "update": "Changes of attributes",
    "reactivate": "Activations",
}
"""Words for the operations that need a capability."""


def capability_for(verb: Verb, entitlement_kind: str) -> str:
    """The field of `Capability` that an operation needs. Roles are an attribute of accounts."""
    match verb:
        case Verb.CREATE_GROUP | Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
            return {Verb.CREATE_GROUP: "create_groups", Verb.UPDATE_GROUP: "group_attributes"}.get(verb, "delete_groups")
        case Verb.RENAME:
            return "update"
        case Verb.CREATE | Verb.UPDATE | Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE | Verb.DELETE:
            return verb.value
        case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
            return "update" if entitlement_kind == EntitlementKind.ROLE else "memberships"
        case (
            Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            return "actions"
        case _:
            assert_never(verb)

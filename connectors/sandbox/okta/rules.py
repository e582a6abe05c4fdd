"""Answers of the group rule endpoints, and the users whom an active rule puts into its groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from connectors.sandbox.okta.calls import NO_CONTENT, Call, list_answer, object_answer, page
from connectors.sandbox.okta.errors import invalid, not_found
from connectors.sandbox.okta.membership import join_by_rule, leave_rule
from connectors.sandbox.okta.objects import GroupType, OktaUser, Status
from connectors.sandbox.okta.org import Org
from connectors.sandbox.okta.rule_expressions import expression_of, rule_test
from connectors.sandbox.wire import WireAnswer


def list_rules(call: Call) -> WireAnswer:
    """`GET /api/v1/groups/rules`: 50 a page unless asked for, 200 at most."""
    limit = call.limit(default=50, maximum=200)
    after = call.cursor()
    rules, more = page((rule for rule in sorted(call.org.rules, key=lambda rule: str(rule["id"])) if rule["id"] > after), limit)
    return list_answer(call, [msgspec.json.encode(rule) for rule in rules], limit=limit, following=rules[-1]["id"] if more else "")


def get_rule(call: Call, rule_id: str) -> WireAnswer:
    return object_answer(_rule(call.org, rule_id))


def create_rule(call: Call) -> WireAnswer:
    """`POST /api/v1/groups/rules`: 200, INACTIVE; nothing happens before it is activated."""
    now, body = call.org.now(), call.body()
    name, conditions = _checked(call, body)
    rule: dict[str, Any] = {
        "type": "group_rule",
        "id": call.org.mint("0pr"),
        "status": "INACTIVE",
        "name": name,
        "created": now,
        "lastUpdated": now,
    }
    rule |= {"conditions": conditions, "actions": {"assignUserToGroups": {"groupIds": _own_groups(call, body)}}}
    call.org.rules.append(rule)
    return object_answer(rule)


def replace_rule(call: Call, rule_id: str) -> WireAnswer:
    """`PUT /api/v1/groups/rules/{id}`: name and conditions of an inactive rule; its groups stay what they are."""
    rule = _rule(call.org, rule_id)
    if rule["status"] != "INACTIVE":
        raise invalid("status", "Only an inactive rule can be changed")
    rule["name"], rule["conditions"] = _checked(call, call.body())
    rule["lastUpdated"] = call.org.now()
    return object_answer(rule)


def activate_rule(call: Call, rule_id: str) -> WireAnswer:
    """204; its groups fill and empty afterwards, after `rule_seconds`."""
    rule = _rule(call.org, rule_id)
    rule["status"] = "ACTIVE"
    call.org.log.note("group.user_membership.rule.trigger", rule)
    call.org.look_at_rules(None)
    return NO_CONTENT


def deactivate_rule(call: Call, rule_id: str) -> WireAnswer:
    """204; whom it put into its groups stays there until it looks again."""
    rule = _rule(call.org, rule_id)
    rule["status"] = "INACTIVE"
    call.org.log.note("group.user_membership.rule.deactivated", rule)
    return NO_CONTENT


def delete_rule(call: Call, rule_id: str) -> WireAnswer:
    """`DELETE /api/v1/groups/rules/{id}`: 202; with `removeUsers=true` also those it put into its groups go."""
    rule = _rule(call.org, rule_id)
    call.org.rules.remove(rule)
    for group in call.org.groups.values():
        for user_id in [user_id for user_id, rules in group.by_rule.items() if rule_id in rules]:
            if call.flag("removeUsers", default=False):
                leave_rule(call.org, group, call.org.users.by_id[user_id], rule_id)
            else:
                del group.by_rule[user_id]
    return object_answer({}, status=202)


def carry_out(org: Org) -> None:
    """Lets the active rules look at every user for whom that is due."""
    due = org.pending.due_for_rules()
    if not due:
        return
    tests = [(rule, rule_test(expression_of(rule))) for rule in org.rules if rule["status"] == "ACTIVE" and expression_of(rule)]
    known = org.users.by_id
    users: Iterable[OktaUser] = list(known.values()) if None in due else [known[each] for each in due if each in known]
    for user in users:
        # The deactivated stay where they are.
        for rule, test in tests if user.status is not Status.DEPROVISIONED else ():
            _apply(org, rule, user, fits=bool(test(user)) and user.id not in excluded(rule))


def _apply(org: Org, rule: dict[str, Any], user: OktaUser, *, fits: bool) -> None:
    for group_id in rule["actions"]["assignUserToGroups"]["groupIds"]:
        group = org.groups.get(group_id)
        if group is None:
            continue
        if fits:
            join_by_rule(org, group, user, rule["id"])
        else:
            leave_rule(org, group, user, rule["id"])


def excluded(rule: dict[str, Any]) -> list[str]:
    """Returns the users whom a rule never touches again."""
    found: list[str] = rule.get("conditions", {}).get("people", {}).get("users", {}).get("exclude", [])
    return found


def _rule(org: Org, rule_id: str) -> dict[str, Any]:
    for rule in org.rules:
        if rule["id"] == rule_id:
            return rule
    raise not_found(rule_id, "GroupRule")


def _checked(call: Call, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns name and conditions as they were sent: a name of 1-50 characters, an expression that can be read."""
    name, conditions = body.get("name"), call.part("conditions", body)
    if not isinstance(name, str) or not 1 <= len(name) <= 50:
        raise invalid("name", "The field must have 1 to 50 characters")
    rule_test(str(call.part("expression", conditions).get("value", "")))
    return name, conditions


def _own_groups(call: Call, body: dict[str, Any]) -> list[str]:
    """The groups it fills: only the org's own can be."""
    wanted = call.part("assignUserToGroups", call.part("actions", body)).get("groupIds")
    if not isinstance(wanted, list) or not wanted:
        raise invalid("actions", "The field cannot be left blank")
    if any(call.org.group(group_id).type is not GroupType.OKTA_GROUP for group_id in wanted):
        raise invalid("actions", "Only groups of type OKTA_GROUP can be assigned")
    return wanted

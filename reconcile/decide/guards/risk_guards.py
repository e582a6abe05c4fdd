"""Guards about what a few operations can do: power over a target, apps lost in effect, keys that changed, the last administrators."""

from __future__ import annotations

from reconcile.decide.guards.admin_group import UNKNOWN, no_admin_group
from reconcile.decide.guards.changed_keys import changed_keys_sentence
from reconcile.decide.guards.effective_loss import admins_lost, app_losses, most_lost
from reconcile.decide.guards.facts import MEMBERSHIPS
from reconcile.decide.guards.guarded_target import GuardedTarget, share_of_all, together
from reconcile.decide.guards.verdict import GuardPart, over_limit
from reconcile.plan.impact import Impact, number_of, share_of_whole
from reconcile.plan.model import LOSING, Verb


def privileged(target: GuardedTarget) -> list[GuardPart]:
    """The part for memberships that give power over the target."""
    concerned = [each for verb in MEMBERSHIPS for each in target.operations[verb] if each.privileged]
    if not concerned:
        return []
    limit = target.guards.privileged
    earlier = target.earlier("privileged", concerned, lambda each: each.privileged)
    size = target.size(limit, concerned, earlier)
    numbers = f"{number_of(size.operations, 'membership')} that give power over {target.name} would change ({share_of_all(size)})"
    return [GuardPart(size=size, over=over_limit(size, limit), numbers=numbers, concerned=concerned, earlier=earlier)]


def lost_apps(target: GuardedTarget) -> list[GuardPart]:
    """The part for accounts that lose an app, with the account or with the last group that gives it."""
    planned = [*target.ending(), *target.operations[Verb.REMOVE_MEMBER]]
    held = target.facts.apps
    if not app_losses(planned, held):
        return []
    taken = target.earlier("lose_app", planned, lambda each: each.verb in LOSING or each.verb is Verb.REMOVE_MEMBER)
    losses = app_losses([*planned, *(each.operation for each in taken)], held)
    size = share_of_whole(Impact(len(losses), len(losses), target.facts.app_holders))
    app, most = most_lost(losses)
    numbers = (
        f"{number_of(size.accounts, 'account')} would lose an app in {target.name}, most of them {app} ({most:,}): "
        f"{size.percent} of the {size.population:,} that hold one"
    )
    over = over_limit(size, target.guards.app_limit())
    causes = {each.cause.id for each in losses}
    earlier = [each for each in taken if each.operation.id in causes]
    concerned = [each for each in planned if each.id in causes]
    return [GuardPart(size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)]


def second_accounts(target: GuardedTarget) -> list[GuardPart]:
    """The part for creations of accounts for people who seem to have one under another key."""
    pairs = target.facts.changed_keys
    concerned = [each for each in target.operations[Verb.CREATE] if each.anchor in pairs]
    if not concerned:
        return []
    earlier = target.earlier("changed_keys", concerned, lambda each: each.verb is Verb.CREATE and each.anchor in pairs)
    size = together(concerned, earlier, target.census.standing)
    numbers = changed_keys_sentence(target.name, pairs, concerned, size)
    over = over_limit(size, target.guards.changed_keys)
    return [GuardPart(size=size, over=over, numbers=numbers, concerned=concerned, earlier=earlier)]


def last_admins(target: GuardedTarget) -> list[GuardPart]:
    """The part for working administrators that will be none any more."""
    admins, rule, facts = target.facts.admins, target.guards.admins.get(target.name), target.facts
    planned = [each for of_verb in target.operations.values() for each in of_verb]
    if admins is None or rule is None or not (planned or facts.bulk.operations or facts.reactivated.operations):
        return []
    if not admins.groups:
        numbers = no_admin_group(target.name, rule.group)
        return [GuardPart(size=Impact(0, 0, 0), over=UNKNOWN, numbers=numbers, concerned=[])]
    lost = admins_lost(planned, admins)
    if not lost:
        return []
    left = len(admins.working) - len(lost)
    size = Impact(len(lost), len(lost), len(admins.working))
    numbers = f"{left:,} of the {len(admins.working):,} working members of {admins.known_as or rule.group} would be left in {target.name}"
    over = f"at least {rule.at_least:,} must be" if left < rule.at_least else ""
    return [GuardPart(size=size, over=over, numbers=numbers, concerned=list(lost.values()))]

"""Abilities of a target here and now, for `check`: by its traits, its own word, its settings and the rights of its sign-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.abilities import CAPABILITY, Limited, abilities
from connectors.contract import SelfDescribing, Target, Traits
from connectors.errors import ConnectorError
from connectors.secrets import SecretMissing
from reconcile.decide.capabilities import reduced

NOT_OFFERED = "its connector does not offer it"


@dataclass(frozen=True, slots=True)
class AbilityHere:
    """One ability of a target. `reason` is empty where it is possible."""

    ability: str
    possible: bool
    reason: str = ""


async def abilities_here(target: Target) -> Sequence[AbilityHere]:
    """Judges every ability without a write; none where the target refuses every request, which its checks report."""
    try:
        stated = await target.unsupported() if isinstance(target, SelfDescribing) else {}
        limits = await target.limits() if isinstance(target, Limited) else {}
    except (ConnectorError, SecretMissing):
        return []
    return judged(target.traits, stated, limits)


def judged(traits: Traits, stated: Mapping[str, str], limits: Mapping[str, str]) -> list[AbilityHere]:
    """Judges every ability. `stated`: by capability, the target's own word; `limits`: by ability, what else rules it out."""
    found = []
    for ability, has in abilities(reduced(traits, stated)).items():
        if has and ability not in limits:
            found.append(AbilityHere(ability, possible=True))
            continue
        said = stated.get(CAPABILITY.get(ability, ability), "").partition(". ")[0]
        found.append(AbilityHere(ability, possible=False, reason=limits.get(ability) or said or NOT_OFFERED))
    return found

"""Guard settings: the limits above which a plan is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from connectors.quoting import quoted
from mappings.model import Model
from mappings.problems import near_miss
from reconcile.plan.model import Verb


class Limit(Model):
    """A plan is refused where it has more than `count`, or more than `floor` and more than `percent` of the accounts."""

    example: ClassVar[str] = "{ percent = 5, floor = 5 }"
    percent: Annotated[float, Field(ge=0, le=100, strict=True)] | None = None
    count: Annotated[int, Field(ge=0, strict=True)] | None = None
    floor: Annotated[int, Field(ge=0, strict=True)] = 0

    def within(self, usual: Limit) -> Limit:
        """Returns this limit, with the percentage and the floor of the usual one where it sets only another number. `{}` is no limit.

        An absolute number alone lets a third of a small company go.
        """
        if "percent" in self.model_fields_set or not self.model_fields_set:
            return self
        return self.model_copy(update={"percent": usual.percent, "floor": max(usual.floor, self.floor)})


NO_LIMIT = Limit()


class Limits(Model):
    """A limit for each verb. What is not given here is taken from the defaults, never from nowhere."""

    deactivate: Limit = Limit(percent=5, floor=5)
    suspend: Limit = Limit(percent=5, floor=5)
    create_group: Limit = Limit(count=20)
    update_group: Limit = Limit(count=20)
    create: Limit = Limit(percent=100, floor=20)
    reactivate: Limit = Limit(percent=5, floor=5)
    rename: Limit = Limit(percent=5, floor=10)
    update: Limit = Limit(percent=50, floor=50)
    add_member: Limit = Limit()
    remove_member: Limit = Limit(percent=20, floor=20)
    delete: Limit = Limit(count=10)
    delete_group: Limit = Limit(count=5)
    revoke_sessions: Limit = Limit(percent=5, floor=10)
    unlock: Limit = Limit(percent=5, floor=10)
    reset_factors: Limit = Limit(percent=5, floor=10)
    reset_password: Limit = Limit(percent=5, floor=10)
    temporary_password: Limit = Limit(percent=5, floor=10)
    expire_password: Limit = Limit(percent=5, floor=10)
    resend_activation: Limit = Limit(percent=5, floor=10)

    def of(self, verb: Verb) -> Limit:
        limit: Limit = getattr(self, verb.value)
        return limit


class GroupLimits(Model):
    """`[guards.groups]`: limits for each single group, of the accounts that hold it now."""

    add_member: Limit = Limit()
    remove_member: Limit = Limit(percent=50, floor=10)

    def of(self, verb: Verb) -> Limit:
        """The limit for one kind of membership change."""
        name = verb.value
        stated: Limit = getattr(self, name)
        usual: Limit = getattr(GroupLimits(), name)
        return stated.within(usual)


class DimensionLimits(Model):
    """`[guards.dimensions.ATTRIBUTE]`: limits for the people who share one value of an identity attribute."""

    deactivate: Limit = Limit(percent=50, floor=5)

    def loss(self) -> Limit:
        """The limit for losing an account in any way."""
        return self.deactivate.within(DimensionLimits().deactivate)


class Usual(Model):
    """`[guards.usual]`: how much more than usual may be done."""

    verbs: tuple[Verb, ...] = (Verb.DEACTIVATE, Verb.REMOVE_MEMBER)
    """The verbs that are compared with the past."""
    times: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)] = 5
    """Multiple of the usual number that is allowed."""
    floor: Annotated[int, Field(ge=0, strict=True)] = 10
    """Number that is always allowed."""
    nights: Annotated[int, Field(ge=5, strict=True)] = 30
    """Over how many days with a run the usual number is the median; with fewer than five nothing is judged."""


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty: it names the group of those who administer the target")
    return value


class Admins(Model):
    """`[guards.admins]`: who must be left."""

    group: Annotated[str, AfterValidator(_named)]
    """The group's name."""
    at_least: Annotated[int, Field(ge=1, strict=True)] = 2
    """Number of present members with a working account that must remain when the plan is done."""


class Guards(Limits):
    """`[guards]`: the limits, and for a target its own under `[guards.targets.NAME]`."""

    targets: Mapping[str, Limits] = Field(default_factory=dict)
    attribute: Limit = Limit(percent=30, floor=50)
    """For each single attribute that changes."""
    attributes: Mapping[str, Limit] = Field(default_factory=dict)
    """Limits for single attributes by name."""
    groups: GroupLimits = GroupLimits()
    dimensions: Mapping[str, DimensionLimits] = Field(default_factory=dict)
    """By identity attribute."""
    privileged: Limit = Limit(count=5)
    """For changes of memberships that give power over a system."""
    lose_app: Limit = Limit(percent=10, floor=10)
    """For accounts that lose an app in any way."""
    changed_keys: Limit = Limit(count=10)
    """For accounts that are created for people who seem to have one under another key."""
    admins: Mapping[str, Admins] = Field(default_factory=dict)
    """By target."""
    usual: Usual = Usual()

    def limit(self, target: str, verb: Verb) -> Limit:
        """The limit for one verb in one target: its own where one is written, else the common one.

        One that states something else than a percentage keeps the usual one with its floor.
        """
        own = self.targets.get(target)
        stated = own.of(verb) if own is not None and verb.value in own.model_fields_set else self.of(verb)
        return stated.within(Limits().of(verb))

    def attribute_limit(self, name: str) -> Limit:
        """The limit for the accounts of which one attribute changes."""
        usual = self.attribute.within(Guards().attribute)
        return self.attributes[name].within(usual) if name in self.attributes else usual

    def app_limit(self) -> Limit:
        """The limit for the accounts that lose an app."""
        return self.lose_app.within(Guards().lose_app)

    def unknown(self, targets: Iterable[str], attributes: Iterable[str], people: Iterable[str]) -> Iterable[tuple[list[str], str]]:
        """Yields each name that no mapping file has: the path of the setting, and a sentence.

        `attributes` are those of accounts, `people` those of identities.
        """
        places: tuple[tuple[str, Iterable[str], Iterable[str], str], ...] = (
            ("targets", self.targets, targets, "target"),
            ("admins", self.admins, targets, "target"),
            ("attributes", self.attributes, attributes, "attribute of an account"),
            ("dimensions", self.dimensions, people, "identity attribute"),
        )
        for table, named, known, what in places:
            there = list(known)
            for name in named:
                if name not in there:
                    yield ["guards", table, name], f"no mapping file has the {what} {quoted(name)}{near_miss(name, there)}"

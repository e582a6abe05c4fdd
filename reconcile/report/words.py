"""What a reviewer calls each verb, finding and outcome."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from reconcile.model import FindingKind, OutcomeKind, Verb


class Heading(NamedTuple):
    """The title of a group of findings, and what a reader should know or do about it."""

    title: str
    meaning: str


VERB_HEADINGS = {
    Verb.DEACTIVATE: "Deactivate accounts",
    Verb.CREATE: "Create accounts",
    Verb.REACTIVATE: "Reactivate accounts",
    Verb.UPDATE: "Update attributes",
    Verb.ADD_MEMBER: "Add memberships",
    Verb.REMOVE_MEMBER: "Remove memberships",
}

FINDING_HEADINGS = {
    FindingKind.AMBIGUOUS: Heading(
        "Ambiguous matches", "Several accounts or people share a key. Nobody was guessed; somebody has to say who is who."
    ),
    FindingKind.FOUND_ALREADY_LINKED: Heading(
        "Matches that belong to somebody else", "The only matching account is linked to another person. Check for a reused address."
    ),
    FindingKind.LINK_PROPOSED: Heading(
        "Proposed links", "An account matches a person it is not linked to. Confirm the link, or name a rule that adopts it."
    ),
    FindingKind.ACCOUNT_MISSING: Heading(
        "Accounts that are gone", "A linked account is no longer in a completely read system. It is created again only by rule."
    ),
    FindingKind.SOURCE_MISSING: Heading(
        "People missing from their source", "A linked person is no longer in a completely read source. The account stays as it is for now."
    ),
    FindingKind.IMMUTABLE: Heading(
        "Attributes that must not change",
        "The person's data differs from an attribute that is set only once. Change it by hand if it is right.",
    ),
    FindingKind.NOT_UNIQUE: Heading(
        "Values already taken", "A value that must be unique is wanted or held by another account. Correct one of them."
    ),
    FindingKind.REQUIRED: Heading(
        "Required values missing", "A required attribute has no value, so the account is not written. Complete it at the source."
    ),
    FindingKind.PROTECTED: Heading("Protected accounts", "A rule asked for a change of a protected account. It is never touched."),
    FindingKind.FROZEN: Heading("Frozen", "Something was not read completely, so nothing that depends on it is planned."),
    FindingKind.QUARANTINED: Heading("Unreadable records", "A record could not be used. The others of its system were."),
    FindingKind.ENTITLEMENT_UNKNOWN: Heading(
        "Unknown groups, apps and roles", "A rule names something that its system does not have. Correct the name, or create it."
    ),
    FindingKind.ENTITLEMENT_READ_ONLY: Heading(
        "Read-only groups, apps and roles", "Their memberships are decided elsewhere and cannot be changed here."
    ),
    FindingKind.POLICY: Heading("Left out by policy", "A setting or a limit of the target keeps this from being planned."),
    FindingKind.UNMANAGED: Heading("Accounts nobody claims", "No person and no rule names them. They are left alone."),
}


def outcome_word(kind: OutcomeKind) -> str:
    """How an operation ended, in words."""
    match kind:
        case OutcomeKind.DONE:
            return "done"
        case OutcomeKind.ALREADY:
            return "already so"
        case OutcomeKind.MOVED:
            return "moved since the plan"
        case OutcomeKind.FAILED:
            return "failed"
        case OutcomeKind.HELD:
            return "held"
        case OutcomeKind.UNKNOWN:
            return "unknown"
        case _:
            assert_never(kind)


def is_trouble(kind: OutcomeKind) -> bool:
    """Whether somebody has to look at an operation that ended so."""
    match kind:
        case OutcomeKind.DONE | OutcomeKind.ALREADY | OutcomeKind.HELD:
            return False
        case OutcomeKind.MOVED | OutcomeKind.FAILED | OutcomeKind.UNKNOWN:
            return True
        case _:
            assert_never(kind)


def number_of(count: int, one: str, many: str = "") -> str:
    """`1 operation`, `1,204 operations`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"

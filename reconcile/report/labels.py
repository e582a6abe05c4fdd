"""Labels for verbs, findings and outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import NamedTuple, assert_never

from reconcile.plan.approval import Approval, RowDecision
from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.forecast import Forecast
from reconcile.plan.impact import number_of
from reconcile.plan.model import Cause, FindingKind, OutcomeKind, Plan, Run, Severity, Situation, Verb
from reconcile.plan.override import Override
from reconcile.plan.seats import SeatUse
from reconcile.plan.server_answer import ServerAnswer


class Heading(NamedTuple):
    """The title of a group of findings, and what a reader should know or do about it."""

    title: str
    meaning: str


VERB_HEADINGS = {
    Verb.DEACTIVATE: "Deactivate accounts",
    Verb.SUSPEND: "Suspend accounts",
    Verb.UPDATE_GROUP: "Change groups",
    Verb.CREATE_GROUP: "Create groups",
    Verb.CREATE: "Create accounts",
    Verb.REACTIVATE: "Reactivate accounts",
    Verb.RENAME: "Change immutable attributes, under review",
    Verb.UPDATE: "Update attributes",
    Verb.ADD_MEMBER: "Add memberships",
    Verb.REMOVE_MEMBER: "Remove memberships",
    Verb.DELETE: "Delete accounts for good",
    Verb.DELETE_GROUP: "Delete groups for good",
    Verb.REVOKE_SESSIONS: "Revoke sessions",
    Verb.UNLOCK: "Unlock accounts",
    Verb.RESET_FACTORS: "Reset factors",
    Verb.RESET_PASSWORD: "Reset passwords by mail",
    Verb.TEMPORARY_PASSWORD: "Give temporary passwords",
    Verb.EXPIRE_PASSWORD: "Expire passwords",
    Verb.RESEND_ACTIVATION: "Send activation mails again",
}

VERB_DONE = {
    Verb.DEACTIVATE: "Deactivated accounts",
    Verb.SUSPEND: "Suspended accounts",
    Verb.UPDATE_GROUP: "Changed groups",
    Verb.CREATE_GROUP: "Created groups",
    Verb.CREATE: "Created accounts",
    Verb.REACTIVATE: "Reactivated accounts",
    Verb.RENAME: "Changed immutable attributes",
    Verb.UPDATE: "Updated attributes",
    Verb.ADD_MEMBER: "Added memberships",
    Verb.REMOVE_MEMBER: "Removed memberships",
    Verb.DELETE: "Deleted accounts",
    Verb.DELETE_GROUP: "Deleted groups",
    Verb.REVOKE_SESSIONS: "Revoked sessions",
    Verb.UNLOCK: "Unlocked accounts",
    Verb.RESET_FACTORS: "Reset factors",
    Verb.RESET_PASSWORD: "Reset passwords",
    Verb.TEMPORARY_PASSWORD: "Gave temporary passwords",
    Verb.EXPIRE_PASSWORD: "Expired passwords",
    Verb.RESEND_ACTIVATION: "Sent activation mails again",
}
"""The same of a run that did it."""

FINDING_HEADINGS = {
    FindingKind.AMBIGUOUS: Heading(
        "Ambiguous matches",
        "Several accounts or people share a key. No match was guessed: decide with `reconcile decide`, or fill in what `reconcile decisions` prints.",
    ),
    FindingKind.FOUND_ALREADY_LINKED: Heading(
        "Matches linked to another person", "The only matching account is linked to another person. Check for a reused address."
    ),
    FindingKind.LINK_PROPOSED: Heading(
        "Proposed links",
        "An account matches a person it is not linked to. Confirm it with `reconcile decide ... same`, or let the key adopt it.",
    ),
    FindingKind.LINK_DISAGREES: Heading(
        "Links that a key contradicts",
        "The remembered account carries another key than its person. One of the two is wrong: the link, or the data.",
    ),
    FindingKind.DECISION: Heading("Decisions that change nothing", "Lines of decisions.csv about people or accounts that are not there."),
    FindingKind.ACCOUNT_MISSING: Heading(
        "Accounts that are gone", "A linked account is no longer in a completely read system. It is created again only by rule."
    ),
    FindingKind.SOURCE_MISSING: Heading(
        "People missing from their source", "A person is no longer in a source that held them. Each says what follows for the account."
    ),
    FindingKind.IMMUTABLE: Heading(
        "Attributes that must not change",
        "The person's data differs from an attribute that is set only once. Each says how it can be changed.",
    ),
    FindingKind.NOT_UNIQUE: Heading(
        "Values already taken", "A value that must be unique is wanted or held by another account. Correct one of them."
    ),
    FindingKind.UNSEEN: Heading(
        "Values that are not what they look like",
        "An address or a unique value holds invisible characters, another form of a letter, or two alphabets. Correct the source.",
    ),
    FindingKind.REQUIRED: Heading(
        "Required values missing",
        "A required attribute has no value: it stays as it is, and no new account is created. Complete it at the source.",
    ),
    FindingKind.INVALID_VALUE: Heading(
        "Values that the target does not take",
        "By its schema the target refuses the value, so it is not sent. Correct it at the source, or change the rule or the schema.",
    ),
    FindingKind.PROTECTED: Heading("Protected accounts", "A change of a protected account was asked for. It is never touched."),
    FindingKind.PROTECTED_ENTRY: Heading(
        "Protected entries that protect nothing",
        "An entry of [protected] matches no account and no person. The account or person it was meant for is not protected: correct it.",
    ),
    FindingKind.FROZEN: Heading("Frozen", "Something was not read completely, so nothing that depends on it is planned."),
    FindingKind.QUARANTINED: Heading("Unreadable records", "A record could not be used. The others of its system were."),
    FindingKind.ENTITLEMENT_UNKNOWN: Heading(
        "Unknown groups, apps and roles", "A rule names something that its system does not have. Correct the name, or create it."
    ),
    FindingKind.ENTITLEMENT_READ_ONLY: Heading(
        "Read-only groups, apps and roles", "Their memberships are decided elsewhere and cannot be changed here."
    ),
    FindingKind.ENTITLEMENT_NAME: Heading(
        "Names of groups, apps and roles",
        "A name that a mapping uses is not, or not only, that of what it means. Change it in the mapping, or say which by its id.",
    ),
    FindingKind.NOT_UNDONE: Heading(
        "Not undone", "What the run did and undoing it does not bring back. Decide whether that is good enough, or mend it by hand."
    ),
    FindingKind.NOT_RESTORED: Heading(
        "Not restored",
        "What nothing brings back, and what changed since for a good reason and stays. Decide whether that is right, or mend it by hand.",
    ),
    FindingKind.HELD: Heading("Held", "No run changes these until their holds end. `reconcile hold` lists the holds and ends them."),
    FindingKind.REJECTED: Heading(
        "Rejected by a reviewer",
        "A reviewer rejected these changes. They are not planned while they say the same; each says how it is planned again.",
    ),
    FindingKind.NOT_ACTED: Heading("Not planned", "What was asked for and is done already, or is not possible. Each says why."),
    FindingKind.MANAGER: Heading("Managers", "A person's manager is unknown, has left, or is in a circle."),
    FindingKind.LOOKUP_UNKNOWN: Heading(
        "Not in a lookup table", "A value is missing in a table beside the mapping, so what the table gives is not known."
    ),
    FindingKind.REFUSED: Heading(
        "Refused by the target", "The target refused this before. It is not sent again while nothing changes; the sentence is the target's."
    ),
    FindingKind.NOT_KEPT: Heading("Not kept by the target", "The target takes these attributes and shows nothing of them."),
    FindingKind.ACCESS_KEPT: Heading(
        "Access that stays",
        "A person who should have no working account keeps one, because the target cannot end it as the mapping asks, or it is in question which account is theirs.",
    ),
    FindingKind.BY_HAND: Heading(
        "Access to end by hand",
        "The account of the person ends here, and accounts in these apps do not: end each one in the app itself. It is listed once, in the plan that ends the account.",
    ),
    FindingKind.NO_WAY_IN: Heading("New accounts without a way in", "Nothing here gives these people a password or a mail."),
    FindingKind.OUTDATED_READ: Heading(
        "Read before the last run wrote",
        "The plan does not know what that run did. Read the target, and plan again: nothing is done twice.",
    ),
    FindingKind.POLICY: Heading("Left out by policy", "A setting or a limit of the target keeps this from being planned."),
    FindingKind.UNMANAGED: Heading(
        "Unmatched accounts",
        "No identity is linked to them or matches them. They are not changed, but may lose groups declared fully managed.",
    ),
}

SITUATION_MEANINGS = {
    Situation.CONFIRMED: "linked to a person, and both are there",
    Situation.FOUND: "one account matches the person; the link is not remembered yet",
    Situation.ABSENT: "the person should have an account and has none",
    Situation.UNQUALIFIED: "the person should have no working account",
    Situation.AMBIGUOUS: "several match, or a key is shared or empty",
    Situation.FOUND_ALREADY_LINKED: "the one matching account is linked to another person",
    Situation.MISSING: "the linked account is gone",
    Situation.SOURCE_MISSING: "the linked person is missing from all sources",
    Situation.UNASSIGNED: "no identity is linked or matches",
    Situation.LINK_ONLY: "linked, and the account is gone from where none should be",
    Situation.NOT_DUE: "the person should have no account, and has none",
}


NO_OUTCOME = "without an outcome"
"""Words for an operation of a live run that was not begun, or was killed on its way: which of the two, `reconcile resume` finds out."""


def verb_heading(verb: Verb, run: Run | None) -> str:
    """Returns the heading of a verb: what a plan would do, or what a live run did."""
    return (VERB_DONE if run and run.live else VERB_HEADINGS)[verb]


def ended_words(total: int, tally: Mapping[OutcomeKind | None, int]) -> str:
    """`12`; of a live run that did not do all of them `10 of 12 (1 failed, 1 without an outcome)`."""
    done = tally.get(OutcomeKind.DONE, 0)
    if not tally or done == total:
        return f"{total:,}"
    others = [f"{tally[kind]:,} {outcome_word(kind)}" for kind in OutcomeKind if kind is not OutcomeKind.DONE and tally.get(kind)]
    others += [f"{tally[None]:,} {NO_OUTCOME}"] if tally.get(None) else []
    return f"{done:,} of {total:,} ({', '.join(others)})"


def run_words(run: Run) -> str:
    """`run r-1: 2026-03-02 01:00:00 UTC, 9 seconds`; without the duration where the run has not ended."""
    started = _moment(run.started)
    ended = _moment(run.ended)
    when = f"{started:%Y-%m-%d %H:%M:%S} UTC" if started else "time unknown"
    took = f", {_duration(ended - started)}" if started and ended else ", not ended"
    return f"run {run.id}: {when}{took}"


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _duration(took: timedelta) -> str:
    """`9 seconds`, `12 minutes 5 seconds`, `1 hour 2 minutes`."""
    seconds = max(0, round(took.total_seconds()))
    parts = ((seconds // 3600, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second"))
    return " ".join([number_of(count, unit) for count, unit in parts if count][:2]) or "less than a second"


def outcome_word(kind: OutcomeKind) -> str:  # noqa: PLR0911 - a kind each
    """Returns the word for how an operation ended."""
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
        case OutcomeKind.NOT_APPROVED:
            return "not approved"
        case OutcomeKind.UNKNOWN:
            return "unknown"
        case _:
            assert_never(kind)


def with_answer(detail: str, answer: ServerAnswer | None) -> str:
    """Returns the sentence of an outcome with the id of the request, and what a repetition comes to; as it is, to be made visible."""
    request = f"request {answer.request_id}" if answer and answer.request_id else ""
    beside = ", ".join(part for part in (request, answer.repetition if answer else "") if part)
    return f"{detail} ({beside})" if beside else detail


def is_trouble(kind: OutcomeKind) -> bool:
    """Whether an operation that ended so needs attention."""
    match kind:
        case OutcomeKind.DONE | OutcomeKind.ALREADY | OutcomeKind.HELD | OutcomeKind.NOT_APPROVED:
            return False
        case OutcomeKind.MOVED | OutcomeKind.FAILED | OutcomeKind.UNKNOWN:
            return True
        case _:
            assert_never(kind)


def held_back_words(kind: OutcomeKind, reason: str, count: int) -> str:
    """`7 rows not approved: held by Ana Lind: read the report`; as it is, to be made visible."""
    return f"{number_of(count, 'row')} {outcome_word(kind)}{f': {reason}' if reason else ''}"


def cause_words(cause: Cause) -> str:
    """`41 of 44 have department = Sales: all 41 people there`: what most operations of a verb have in common."""
    share = f"{cause.explained:,} of {cause.of:,}"
    match cause.kind:
        case CauseKind.PEOPLE:
            there = f"all {cause.people:,}" if cause.explained == cause.people else f"{cause.explained:,} of the {cause.people:,}"
            return f"{share} have {cause.name} = {cause.value}: {there} people there"
        case CauseKind.CHANGE:
            still = number_of(cause.people, "person has", "people have") if cause.people else "no person has"
            became = f"became {cause.value or 'empty'} with the last read, from {cause.was or 'empty'}"
            return f"{share}: {cause.name} {became}{f', which {still} now' if cause.was else ''}"
        case CauseKind.WHO:
            return f"{share} have not left: they do not fulfil `{cause.value}` any more"
        case CauseKind.ATTRIBUTE:
            return f"{share} change {cause.value}"
        case CauseKind.ENTITLEMENT:
            return f"{share} are about {cause.value}"
        case _:
            assert_never(cause.kind)


def forecast_words(forecast: Forecast) -> str:
    """`about 656 requests, 3 minutes by the limit of groups`, then the seats; `unknown` where the connector declares no costs."""
    return "; ".join((_requests_words(forecast), *map(seat_words, forecast.seats)))


def seat_words(use: SeatUse) -> str:
    """`seats of app Zoom: 98 of 100 in use, 1 freed, 3 taken, 0 left`; where more are taken than there are, how many are missing when."""
    if not use.known:
        return f"seats of {use.place}: no {use.kind} of this name was read, and the plan creates none"
    left = number_of(use.seats - use.after, "seat") + " left" if use.enough_after else f"{use.after - use.seats:,} too few"
    beyond = f" ({use.short:,} too many)" if use.short and use.enough_after else ""
    meanwhile = f", at most {use.most:,} meanwhile{beyond}" if use.most > max(use.used, use.after) else ""
    changed = f", {use.freed:,} freed, {use.taken:,} taken{meanwhile}" if use.freed or use.taken else ""
    return f"seats of {use.place}: {use.used:,} of {use.seats:,} in use{changed}, {left}"


def _requests_words(forecast: Forecast) -> str:
    if forecast.requests is None:
        return "unknown"
    requests = f"about {number_of(forecast.requests, 'request')}"
    if forecast.minutes is None:
        return requests
    minutes = number_of(ceil(forecast.minutes), "minute") if forecast.minutes >= 1 else "less than a minute"
    limit = forecast.limit.replace("_", " ")
    return f"{requests}, {minutes} by the limit of {limit}" if forecast.minutes and limit else f"{requests}, {minutes}"


def approval_words(approval: Approval) -> str:
    """`approved by Ana Lind until 2026-03-03T08:00:00Z: checked with HR (3 held, 1 rejected)`."""
    when = f", used by the run {approval.run}" if approval.run else f" until {approval.until}"
    counted = ((word, len(approval.of(decision))) for word, decision in (("held", RowDecision.HOLD), ("rejected", RowDecision.REJECT)))
    rows = ", ".join(f"{count:,} {word}" for word, count in counted if count)
    return f"approved by {approval.by}{when}: {approval.why}{f' ({rows})' if rows else ''}"


def override_words(override: Override) -> str:
    """`overridden by Anna Lee until 2026-03-03T18:00:00+00:00`; once it was used, by which run."""
    when = f", used by the run {override.run}" if override.run else f" until {override.until}"
    return f"overridden by {override.by}{when}"


def findings_count(plan: Plan) -> str:
    """`8 for attention, 8 notes`; empty where there are none."""
    urgent = sum(finding.severity is Severity.ATTENTION for finding in plan.findings)
    notes = len(plan.findings) - urgent
    return ", ".join(filter(None, (f"{urgent:,} for attention" if urgent else "", number_of(notes, "note") if notes else "")))


def links_count(plan: Plan, *, done: bool = False, target: str = "") -> str:
    """`439 links to remember, 1 link to forget`, in one target or in all; empty where there are none."""
    counted = Counter(link.forget for link in plan.links if target in ("", link.target))
    words = ("remembered", "forgotten") if done else ("to remember", "to forget")
    counts = zip((counted[False], counted[True]), words, strict=True)
    return ", ".join(f"{number_of(count, 'link')} {word}" for count, word in counts if count)

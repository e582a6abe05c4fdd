"""Checks the sentinels of `[reading.SYSTEM]`: records that must be there for a read to be believed."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.contract import Check, RawPage, Record, Source, Target
from reconcile.project.config import Reading
from reconcile.snapshot.decoding import decoded
from reconcile.unexpected import explained

NAMES = ("login", "userName", "email", "emails.work")
"""The attributes by which a sentinel can be named, beside the id (statement `missing_sentinels`)."""


async def sentinel_checks(source: Source, reading: Reading) -> list[Check]:
    """One check where the system has sentinels. A target is asked for each of them; of other sources everything is read."""
    if not reading.always_there:
        return []
    setting = f"reading.{source.name}.always_there"
    what = f"{source.name}: all of {setting} are there"
    try:
        if isinstance(source, Target):
            missing = [name for name in reading.always_there if not await _is_shown(source, name)]
        else:
            missing = await _not_read(source, reading.always_there)
    except Exception as error:  # noqa: BLE001 - what nobody foresaw is the trouble of its system
        return [Check(what, explained(error))]
    return [Check(what, _sentence(missing, setting))]


def _sentence(missing: list[str], setting: str) -> str:
    if not missing:
        return ""
    return (
        f"{', '.join(missing[:3])} {'is' if len(missing) == 1 else 'are'} not; while that is so, no read is believed and nothing that "
        f"depends on it is changed. See whether the system shows all its records; if it does, correct {setting}"
    )


async def _is_shown(target: Target, name: str) -> bool:
    for attribute in (target.traits.login, target.traits.email):
        if await target.find_accounts(attribute, name):
            return True
    return await target.read_account(name) is not None


async def _not_read(source: Source, names: Iterable[str]) -> list[str]:
    wanted = {name.lower(): name for name in names}
    async for item in source.pages():
        if isinstance(item, RawPage):
            for record in decoded(source, item).records:
                for name in _names(record):
                    wanted.pop(name, None)
    return sorted(wanted.values())


def _names(record: Record) -> Iterable[str]:
    values = record.values()
    return [record.id.lower(), *(str(values[name]).lower() for name in NAMES if name in values)]

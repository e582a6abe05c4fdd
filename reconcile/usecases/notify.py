"""Tells the outcome of a run to the receivers of the project. One that cannot be told is named, and changes nothing about the run."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path

from connectors.http.notice import Address, NoticeFailed
from connectors.secrets import SecretMissing
from reconcile.project.reporting import Message, Notices, Outcomes
from reconcile.report.night_facts import NightFacts, Notice
from reconcile.report.notice_text import body, filled
from reconcile.unexpected import fault

EXTRA = "the package apprise is not installed. Install identity-reconcile[notices]"
REFUSED = "the receiver did not take it, or the address is none that apprise knows"


def notify(notices: Notices, facts: NightFacts, base: Path) -> tuple[Notice, ...]:
    """Sends every notice that the outcome asks for, side by side. `base` is the project folder. Raises nothing."""
    messages = [_Messenger(name, each, facts, base) for name, each in notices.apprise.items() if _asked(each.on, notices, facts)]
    for messenger in messages:
        messenger.start()
    sent = asyncio.run(_send(notices, facts, base))
    return (*sent, *(messenger.result(notices.seconds) for messenger in messages))


def _asked(on: Outcomes | None, notices: Notices, facts: NightFacts) -> bool:
    return facts.outcome in (notices.on if on is None else on)


async def _send(notices: Notices, facts: NightFacts, base: Path) -> tuple[Notice, ...]:
    return tuple(await asyncio.gather(*(_told(name, sending) for name, sending in _sendings(notices, facts, base))))


def _sendings(notices: Notices, facts: NightFacts, base: Path) -> Iterator[tuple[str, Coroutine[None, None, None]]]:
    for name, hook in notices.webhook.items():
        if _asked(hook.on, notices, facts):
            yield f"webhook {name}", Address(hook.url, notices.seconds, base, hook.ca_file).post(body(facts))
    for name, ping in notices.ping.items():
        address = Address(ping.url, notices.seconds, base, ping.ca_file)
        yield f"ping {name}", address.ping(failed=facts.outcome in ping.failed_on)


async def _told(name: str, sending: Coroutine[None, None, None]) -> Notice:
    try:
        await sending
    except NoticeFailed as error:
        return Notice(name=name, problem=str(error))
    except Exception as error:  # noqa: BLE001 - no notice may end a run, whatever its receiver answers
        return Notice(name=name, problem=fault(error))
    return Notice(name=name)


class _Messenger(threading.Thread):
    """Sends one message with apprise, beside the others; it is left behind where it takes too long."""

    def __init__(self, name: str, message: Message, facts: NightFacts, base: Path) -> None:
        super().__init__(daemon=True)
        self._label, self._message, self._facts, self._base = f"apprise {name}", message, facts, base
        self._problem = ""

    def run(self) -> None:
        try:
            self._problem = "" if self._send() else REFUSED
        except ImportError:
            self._problem = EXTRA
        except SecretMissing as missing:
            self._problem = str(missing)
        except Exception as error:  # noqa: BLE001 - as above
            self._problem = fault(error)

    def _send(self) -> bool:
        import apprise  # noqa: PLC0415 - an extra, only where it is configured

        # It logs the addresses that it cannot use.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        receiver = apprise.Apprise()
        title, text = filled(self._message.title, self._facts), filled(self._message.body, self._facts)
        return bool(receiver.add(self._message.url.reveal(self._base)) and receiver.notify(title=title, body=text, body_format="text"))

    def result(self, seconds: float) -> Notice:
        """Waits for the end, for a bounded time."""
        self.join(seconds)
        return Notice(name=self._label, problem=f"it took longer than {seconds:g} seconds" if self.is_alive() else self._problem)

"""A signal stops a live run once what is under way has ended; it hides nothing else that ended the run."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from reconcile.apply.stopping import Stopping
from reconcile.errors import DiskFull, Interrupted
from reconcile.usecases.interruption import until_stopped


def run_of(work, stopping=None):
    async def whole():
        stop = stopping or Stopping()
        await until_stopped(work(stop), stop, "r-1")

    asyncio.run(whole())


async def signalled(stopping, ended=None):
    async with stopping.under_way():
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.01)
        if ended is not None:
            raise ended
    async with stopping.under_way():
        raise AssertionError("something was begun after the stop")


def test_run_that_is_stopped_ends_as_interrupted_and_begins_nothing_more():
    with pytest.raises(Interrupted) as told:
        run_of(signalled)
    assert told.value.run == "r-1"


def test_full_disk_is_told_although_a_signal_came():
    full = DiskFull(Path("journal.sqlite"))
    with pytest.raises(DiskFull):
        run_of(lambda stopping: signalled(stopping, full))


def test_run_whose_last_operation_was_under_way_has_ended():
    async def last(stopping):
        async with stopping.under_way():
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.01)

    run_of(last)

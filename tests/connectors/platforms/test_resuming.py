"""Runs that were interrupted: what follows a page's checkpoint is what was missing."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import pytest

from connectors.records import Checkpoint, HarvestPage, HarvestRequest, UsageRequest
from connectors.simulators import SIMULATORS
from tests.connectors.platforms.runs import SETTLED, built, connector, context

DAYS = date(2024, 6, 1), date(2025, 10, 31)
Read = Callable[[Checkpoint | None], AsyncIterator[HarvestPage[Any]]]


def reading(code: str, section: str) -> Read:
    """One section of a platform, to be read from any checkpoint on; its simulator stays the same."""
    here = context(code, built(code, now=SETTLED), now=SETTLED)
    speaker = connector(code)
    match section:
        case "harvest":
            return lambda checkpoint: speaker.harvest(here, HarvestRequest(checkpoint=checkpoint))
        case "training":
            return lambda checkpoint: speaker.training(here, HarvestRequest(checkpoint=checkpoint))
        case _:
            return lambda checkpoint: speaker.usage(here, UsageRequest(*DAYS, checkpoint))


def outcomes(pages: list[HarvestPage[Any]]) -> set[str]:
    """Everything accepted, rejected and deleted."""
    accepted = {item.record.model_dump_json() for page in pages for item in page.accepted}
    rejected = {item.raw for page in pages for item in page.rejected}
    return accepted | rejected | {native_id for page in pages for native_id in page.deleted}


@pytest.mark.parametrize(
    ("code", "section"),
    [
        *((code, "harvest") for code in SIMULATORS),
        *((code, "training") for code in ("chongqing", "zibo", "yuzhong", "sichuan", "neijiang")),
        *((code, "usage") for code in ("chongqing", "zibo", "sichuan")),
    ],
)
async def test_what_follows_a_checkpoint_completes_what_came_before_it(code: str, section: str) -> None:
    read = reading(code, section)
    whole = [page async for page in read(None)]
    assert len(whole) > 1
    for number in {1, len(whole) // 2, len(whole)}:
        before = whole[:number]
        rest = [page async for page in read(before[-1].checkpoint)]
        assert outcomes([*before, *rest]) == outcomes(whole)
        assert len(rest) < len(whole)

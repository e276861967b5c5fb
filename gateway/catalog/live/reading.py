"""One platform's part in a search: asked, filtered, told apart from what was given out before, asked again deeper."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.catalog.live.candidates import Candidate
from gateway.catalog.live.conditions import Conditions
from gateway.catalog.live.model import SourceAnswer, SourceOutcome, SourceState
from gateway.catalog.live.ports import Asks
from gateway.catalog.live.questions import Question
from gateway.catalog.live.walks import DEEPEST, mark

LEAST_SECONDS = 0.05
"""With less time left a platform is not asked a second time."""
ANSWERED = (SourceState.OK, SourceState.STALE)
"""States of platforms that have records to show, of now or earlier."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one platform contributes.

    `records` pass the filter and stand here once each, `fresh` are those of them that this walk has not given out, both
    in the platform's order. `every` is what they were sifted from; `deeper` says that asking for more may bring more,
    `counted` that the catalog has counted what the outcome's total says.
    """

    outcome: SourceOutcome
    records: Sequence[Candidate] = ()
    fresh: Sequence[Candidate] = ()
    complete: bool = True
    every: Sequence[Candidate] = ()
    deeper: bool = False
    counted: bool = False

    @property
    def answered(self) -> bool:
        """Whether there is an answer, of now or earlier."""
        return self.outcome.state in ANSWERED

    @property
    def told(self) -> int | None:
        """What the platform says it found in all, less what is known not to be valid; None where it says nothing."""
        if self.outcome.total is None:
            return None
        return max(0, self.outcome.total - sum([one.is_invalid for one in self.every]))

    @property
    def total(self) -> int:
        """What it found in all, as far as it is known."""
        found = len(self.records) - sum([one.is_invalid for one in self.records])
        return found if self.complete else max(self.told or 0, found)

    @property
    def total_is_exact(self) -> bool:
        """Whether the total is the number of records that pass the filter, which is known of none that was not read."""
        return self.counted or (self.answered and self.complete and all(one.is_read for one in self.records))


async def read(asks: Asks, question: Question, platform: str, given: Collection[int], deadline: float) -> Reading:
    """Ask a platform; once more at full depth where less than a page is left of what it has, or it cannot sort.

    Less is left where records were dropped: by the filter here, or by the asking part because they are not to be seen.
    The first records of a platform's own order say little of those that come first in another one.
    """
    request, clock = question.request, asyncio.get_running_loop().time
    first = question.depth(len(given))
    answer = await asks.ask(platform, question.asked(first), request.visible, max(deadline - clock(), 0.0))
    reading = _sifted(answer, question, given, first)
    short = len(reading.fresh) < request.first or (request.first > 0 and "sort" in reading.outcome.filtered_here)
    return await _deeper(asks, question, reading, given, deadline) if reading.deeper and short else reading


async def read_past_invalid(
    asks: Asks, question: Question, readings: Sequence[Reading], given: Mapping[int, Collection[int]], deadline: float
) -> Sequence[Reading]:
    """The readings, of full depth where records that were to be shown turned out not to be valid.

    They stood in the place of others, which a platform was not asked for. Those given where there is nothing to do.
    """
    short = [each for each in readings if each.deeper and any(one.is_invalid for one in each.fresh)]
    if not short:
        return readings
    codes = [each.outcome.platform for each in short]
    again = await asyncio.gather(
        *(
            _deeper(asks, question, each, given.get(mark(code), ()), deadline)
            for code, each in zip(codes, short, strict=True)
        )
    )
    deeper = dict(zip(codes, again, strict=True))
    return [deeper.get(each.outcome.platform, each) for each in readings]


async def _deeper(asks: Asks, question: Question, reading: Reading, given: Collection[int], deadline: float) -> Reading:
    """What the platform has at full depth, if there is time to ask and it answers with no less."""
    left, platform = deadline - asyncio.get_running_loop().time(), reading.outcome.platform
    if left < LEAST_SECONDS:
        return reading
    again = await asks.ask(platform, question.asked(DEEPEST), question.request.visible, left)
    deeper = _sifted(again, question, given, DEEPEST)
    return deeper if deeper.answered and len(deeper.records) >= len(reading.records) else reading


def _sifted(answer: SourceAnswer, question: Question, given: Collection[int], asked: int) -> Reading:
    distinct = _distinct(answer.records)
    conditions, outcome = question.conditions, answer.outcome
    records = distinct if conditions.anything else _matching(distinct, conditions)
    # what stands in for a platform that fails is all there is: nobody is sent to the next page for it again and again
    failing = outcome.state not in ANSWERED or outcome.error_code is not None
    return Reading(
        _told(answer, question.unspoken),
        records,
        unseen(records, given),
        answer.complete,
        distinct,
        not (answer.complete or answer.ends or failing) and asked < DEEPEST,
    )


def unseen(records: Sequence[Candidate], given: Collection[int]) -> Sequence[Candidate]:
    """Those of one platform's records that were not given out."""
    return [one for one in records if mark(one.native_id) not in given] if given else records


def _matching(records: Sequence[Candidate], conditions: Conditions) -> Sequence[Candidate]:
    return [one for one in records if (whole := one.resource()) is not None and conditions.match(whole)]


def _distinct(records: Sequence[Candidate]) -> Sequence[Candidate]:
    """The first of each native id."""
    if len({one.native_id for one in records}) == len(records):
        return records
    found: dict[str, Candidate] = {}
    for one in records:
        found.setdefault(one.native_id, one)
    return list(found.values())


def _told(answer: SourceAnswer, unspoken: tuple[str, ...]) -> SourceOutcome:
    """The outcome with all that was done here, and a message where that was done to a part of what the platform has."""
    outcome = answer.outcome
    here = tuple(dict.fromkeys((*outcome.filtered_here, *unspoken)))
    if not here or outcome.state not in ANSWERED:
        return outcome
    message = outcome.message
    if answer.records and not answer.complete:
        partly = _partly(here, len(answer.records), outcome.total)
        message = f"{message}; {partly}" if message else partly
    return replace(outcome, filtered_here=here, message=message)


def _partly(here: tuple[str, ...], read: int, total: int | None) -> str:
    """What was done here to the first so many records, of all that the platform says it found."""
    filters = [name for name in here if name != "sort"]
    done = " and ".join([*(["filtered"] if filters else []), *(["sorted"] if len(filters) < len(here) else [])])
    of = f" of {total:,}" if total is not None and total > read else ""
    return f"{done} here among the first {read:,}{of} records that it gives in its own order"

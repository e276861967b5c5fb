"""One platform's part in a search: asked, filtered, told apart from what was given out before, asked again deeper."""

import asyncio
from collections.abc import Collection, Sequence
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
    in the platform's order. `dropped` says that some did not pass; `deeper` that asking for more may bring more.
    """

    outcome: SourceOutcome
    records: Sequence[Candidate] = ()
    fresh: Sequence[Candidate] = ()
    complete: bool = True
    dropped: bool = False
    deeper: bool = False

    @property
    def answered(self) -> bool:
        """Whether there is an answer, of now or earlier."""
        return self.outcome.state in ANSWERED

    @property
    def total(self) -> int:
        """What it found in all, as far as it is known."""
        found = len(self.records) - sum([one.is_invalid for one in self.records])
        return found if self.complete else max(self.outcome.total or 0, found)

    @property
    def total_is_exact(self) -> bool:
        """Whether the total is the number of records that pass the filter."""
        if not self.answered:
            return False
        here = any(name != "sort" for name in self.outcome.filtered_here)
        return self.complete or (self.outcome.total is not None and not here and not self.dropped)


async def read(asks: Asks, question: Question, platform: str, given: Collection[int], deadline: float) -> Reading:
    """Ask a platform; once more at full depth where less than a page is left of what it has.

    That is so where records were dropped: by the filter here, or by the asking part because they are not to be seen.
    """
    request, clock = question.request, asyncio.get_running_loop().time
    first = question.depth(len(given))
    answer = await asks.ask(platform, question.asked(first), request.visible, max(deadline - clock(), 0.0))
    reading = _sifted(answer, question, given, first)
    short = reading.deeper and len(reading.fresh) < request.first
    if short and deadline - clock() >= LEAST_SECONDS:
        again = await asks.ask(platform, question.asked(DEEPEST), request.visible, deadline - clock())
        deeper = _sifted(again, question, given, DEEPEST)
        if deeper.answered and len(deeper.records) >= len(reading.records):
            return deeper
    return reading


def _sifted(answer: SourceAnswer, question: Question, given: Collection[int], asked: int) -> Reading:
    distinct = _distinct(answer.records)
    conditions, outcome = question.conditions, answer.outcome
    records = distinct if conditions.anything else _matching(distinct, conditions)
    # what stands in for a platform that fails is all there is: nobody is sent to the next page for it again and again
    failing = outcome.state not in ANSWERED or outcome.error_code is not None
    return Reading(
        _with_unspoken(outcome, question.unspoken),
        records,
        unseen(records, given),
        answer.complete,
        len(records) < len(distinct),
        not (answer.complete or failing) and asked < DEEPEST,
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


def _with_unspoken(outcome: SourceOutcome, unspoken: tuple[str, ...]) -> SourceOutcome:
    if not unspoken or outcome.state not in ANSWERED:
        return outcome
    return replace(outcome, filtered_here=tuple(dict.fromkeys((*outcome.filtered_here, *unspoken))))

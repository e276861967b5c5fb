"""Every error has an outcome with a documented code and a sentence that is safe for everybody."""

import logging
import re
from collections.abc import Iterator

import pytest

from connectors import errors as connector_errors
from connectors.errors import ConnectorError, Malformed, Throttled, Unreachable
from connectors.plugged import PluginFailed
from connectors.protocols.exchange import NotFound
from connectors.records import LiveQuery
from gateway.catalog.live.asking import AskingRules, BreakerRules
from gateway.catalog.live.asking.breaker import Verdict
from gateway.catalog.live.asking.outcomes import BUSY, CIRCUIT_OPEN, NOTHING_VISIBLE, OUR_FAULT, TROUBLES, trouble_of
from gateway.catalog.live.model import SourceState
from gateway.errors import InvalidInput, NotReady
from schema.access import Access
from tests.architecture.source import ROOT
from tests.gateway.catalog.live.asking.river import EVERYTHING, World
from tests.gateway.catalog.live.asking.virtual_time import virtual


def kinds(root: type[ConnectorError]) -> Iterator[type[ConnectorError]]:
    """A class and everything below it, as far as this product defines it."""
    yield root
    for below in root.__subclasses__():
        if below.__module__.startswith("connectors."):
            yield from kinds(below)


@pytest.mark.parametrize("kind", dict.fromkeys(kinds(ConnectorError)), ids=lambda kind: kind.__name__)
def test_every_connector_error_keeps_its_code(kind: type[ConnectorError]) -> None:
    assert trouble_of(kind.__new__(kind)).code == kind.code


def test_every_error_of_the_tree_is_named_itself() -> None:
    tree = {one for one in vars(connector_errors).values() if isinstance(one, type) and issubclass(one, ConnectorError)}
    assert tree | {NotFound} <= TROUBLES.keys()


def test_an_error_of_a_plug_ins_own_is_told_as_what_it_derives_from() -> None:
    class OutOfPaper(Malformed):
        code = "OUT_OF_PAPER"

    assert trouble_of(OutOfPaper("x")) is TROUBLES[Malformed]
    assert trouble_of(PluginFailed("x")) is TROUBLES[ConnectorError]
    assert trouble_of(InvalidInput("x")) is OUR_FAULT


def test_every_code_has_a_heading() -> None:
    headings = re.findall(r"^### ([A-Z_]+)$", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.MULTILINE)
    troubles = (*TROUBLES.values(), BUSY, CIRCUIT_OPEN, OUR_FAULT)
    assert [one.code for one in troubles if one.code not in headings] == []


def test_what_was_never_asked_says_nothing_of_the_platform() -> None:
    verdicts = {one.state: one.verdict for one in (TROUBLES[NotReady], BUSY, CIRCUIT_OPEN, NOTHING_VISIBLE)}
    assert set(verdicts.values()) == {Verdict.UNREACHED}


@virtual
async def test_an_exception_that_nobody_foresaw_is_logged_and_told_as_ours(caplog: pytest.LogCaptureFixture) -> None:
    async with World() as world:
        world.river.error = ZeroDivisionError("a secret 0123456789")
        with caplog.at_level(logging.ERROR):
            outcome = (await world.ask()).outcome
        assert (outcome.state, outcome.error_code) == (SourceState.FAILED, "INTERNAL")
        assert outcome.message == "the gateway failed where it asked the platform"
        [line] = caplog.records
        assert line.exc_info is not None
        assert line.exc_info[0] is ZeroDivisionError


@virtual
async def test_failures_are_logged_once_when_the_circuit_opens_and_once_when_it_closes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with World(AskingRules(negative=0.0, breaker=BreakerRules(in_a_row=2, pause=0.0))) as world:
        world.river.error = Unreachable("refused")
        with caplog.at_level(logging.INFO):
            for number in range(4):
                await world.ask(LiveQuery(str(number)))
            world.river.error = None
            for number in range(4):
                await world.ask(LiveQuery(str(number)))
        assert [line.message for line in caplog.records] == [
            "river is left alone after 2 failures: Unreachable: refused",
            "river answers again",
        ]


@virtual
async def test_a_platform_that_stops_being_served_meanwhile_is_skipped_and_covered_by_nothing() -> None:
    async with World(AskingRules(fresh=0.0, revalidate=0.0)) as world:
        await world.ask()
        world.platforms.refusal = NotReady("not served any more")
        outcome = (await world.ask()).outcome
        assert (outcome.state, outcome.error_code, outcome.count) == (SourceState.SKIPPED, "NOT_READY", 0)


@virtual
async def test_a_platform_of_which_nothing_may_be_seen_is_not_asked() -> None:
    async with World() as world:
        world.river.restrict(Access.DISTRICT)
        outcome = (await world.ask()).outcome
        assert (outcome.state, outcome.error_code, outcome.total) == (SourceState.SKIPPED, None, None)
        assert world.river.asked == []
        assert (await world.ask(visible=EVERYTHING)).outcome.state is SourceState.OK


@virtual
async def test_a_throttled_platform_is_told_as_refusing() -> None:
    async with World() as world:
        world.river.error = Throttled("429", retry_after=5.0)
        outcome = (await world.ask()).outcome
        assert (outcome.state, outcome.error_code) == (SourceState.REFUSED, "UPSTREAM_THROTTLED")

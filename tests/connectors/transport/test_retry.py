"""Requests are repeated where it is safe and sensible, and never past their time."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConnectorError, CredentialRefused, Malformed, Throttled, Timeout, Unreachable
from connectors.transport import Limits, Response, Retrying, retry_after_seconds
from tests.connectors.transport.fakes import EPOCH, FakeTime, Outcome, Scripted, get

LIMITS = Limits(retries=3, backoff_seconds=1, max_backoff_seconds=8, attempt_seconds=5)


def retrying(inner: Scripted, time: FakeTime, limits: Limits = LIMITS, random: float = 1.0) -> Retrying:
    return Retrying(inner, limits, clock=time.clock, now=time.now, sleep=time.sleep, random=lambda: random)


def told(status: int, retry_after: str) -> Response:
    return Response(status, {"retry-after": retry_after}, b"", "https://platform.example/")


@pytest.mark.parametrize("trouble", [429, 502, 503, 504, Timeout("t"), Unreachable("u"), Throttled("s")])
async def test_trouble_that_passes_is_tried_again(trouble: Outcome) -> None:
    inner, time = Scripted([trouble, trouble, 200]), FakeTime()
    assert (await retrying(inner, time).send(get())).status == 200
    assert len(inner.asked) == 3
    assert time.naps == [1, 2]


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 500, 501])
async def test_other_statuses_stand(status: int) -> None:
    inner = Scripted([status])
    assert (await retrying(inner, FakeTime()).send(get())).status == status
    assert len(inner.asked) == 1


@pytest.mark.parametrize("error", [Malformed("m"), CredentialRefused("c")])
async def test_errors_that_a_retry_will_not_mend_stand(error: ConnectorError) -> None:
    inner = Scripted([error])
    with pytest.raises(type(error)):
        await retrying(inner, FakeTime()).send(get())
    assert len(inner.asked) == 1


async def test_a_request_that_is_not_idempotent_is_sent_once() -> None:
    answering, silent = Scripted([503]), Scripted([Timeout("t")])
    assert (await retrying(answering, FakeTime()).send(get(idempotent=False))).status == 503
    with pytest.raises(Timeout):
        await retrying(silent, FakeTime()).send(get(idempotent=False))
    assert (len(answering.asked), len(silent.asked)) == (1, 1)


async def test_when_retries_are_spent_the_last_outcome_stands() -> None:
    inner = Scripted([Timeout("first"), Timeout("second"), Timeout("third"), 503])
    assert (await retrying(inner, FakeTime()).send(get())).status == 503
    assert len(inner.asked) == 4


@given(st.floats(0, 1), st.integers(0, 5))
async def test_pauses_are_random_below_a_bound_that_doubles(random: float, retries: int) -> None:
    time = FakeTime()
    limits = LIMITS.model_copy(update={"retries": retries})
    await retrying(Scripted([503]), time, limits, random).send(get(timeout=1000))
    assert time.naps == [random * bound for bound in (1, 2, 4, 8, 8)[:retries]]


@pytest.mark.parametrize("value", ["3", format_datetime(EPOCH + timedelta(seconds=103), usegmt=True)])
async def test_retry_after_is_the_least_pause(value: str) -> None:
    time = FakeTime()
    await retrying(Scripted([told(429, value), 200]), time, random=0.0).send(get())
    assert time.naps == [3]


async def test_the_seconds_of_a_throttled_error_are_honored() -> None:
    time = FakeTime()
    await retrying(Scripted([Throttled("slow", retry_after=4), 200]), time).send(get())
    assert time.naps == [4]


async def test_a_longer_wait_than_the_cap_is_left_to_the_caller() -> None:
    inner, time = Scripted([told(503, "9")]), FakeTime()
    assert (await retrying(inner, time).send(get())).headers["retry-after"] == "9"
    assert (len(inner.asked), time.naps) == (1, [])


@given(st.floats(0.1, 40))
async def test_no_pause_reaches_past_the_deadline(given_seconds: float) -> None:
    inner, time = Scripted([503]), FakeTime()
    await retrying(inner, time).send(get(timeout=given_seconds))
    assert time.seconds < 100 + given_seconds
    assert all(request.timeout <= min(5, given_seconds + 1e-9) for request in inner.asked)
    assert all(request.timeout > 0 for request in inner.asked)


async def test_each_attempt_gets_what_is_left_of_the_time() -> None:
    inner, time = Scripted([503, 503, 200]), FakeTime()
    await retrying(inner, time).send(get(timeout=6))
    assert [request.timeout for request in inner.asked] == [5, 5, 3]


async def test_a_platform_in_trouble_is_not_asked_several_times_as_often_for_long() -> None:
    inner = Scripted([503])
    transport = retrying(inner, FakeTime())
    for _ in range(100):
        await transport.send(get(timeout=1000))
    assert len(inner.asked) == 100 + 10 + 19  # ten in reserve, then one for every five requests


@given(st.integers(0, 10**30))
def test_seconds_are_read_and_capped(seconds: int) -> None:
    assert retry_after_seconds(f" {seconds} ", EPOCH) == min(float(seconds), 366 * 86_400)


@given(st.integers(-(10**9), 10**9))
def test_http_dates_are_read_and_never_negative(seconds: int) -> None:
    instant = EPOCH + timedelta(seconds=seconds)
    expected = min(max((instant - EPOCH).total_seconds(), 0.0), 366 * 86_400)
    assert retry_after_seconds(format_datetime(instant, usegmt=True), EPOCH) == expected


@given(st.none() | st.text(max_size=40))
def test_any_other_text_is_no_instruction_or_a_sane_one(text: str | None) -> None:
    seconds = retry_after_seconds(text, EPOCH)
    assert seconds is None or 0 <= seconds <= 366 * 86_400


@pytest.mark.parametrize("text", [None, "", "soon", "-5", "1.5", "٣", "Sun, 99 Nov 2026 00:00:00 GMT"])
def test_what_cannot_be_read_is_no_instruction(text: str | None) -> None:
    assert retry_after_seconds(text, EPOCH) is None


async def test_closing_closes_what_is_inside() -> None:
    inner = Scripted()
    await retrying(inner, FakeTime()).aclose()
    assert inner.closed

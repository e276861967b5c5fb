"""Windows through time cover every day once, in the words the platform wants, and resume where they stopped."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.paging import Answer, Pager, Step
from connectors.paging.windows import WindowPaging
from tests.connectors.paging.test_pagers import SPECS, answer


def spec(**keys: Any) -> WindowPaging:
    found: WindowPaging = SPECS.validate_python({"kind": "window", "since": "2020-01-01"} | keys)
    return found


def asked(paging: WindowPaging, first: date, last: date) -> list[Mapping[str, str | int]]:
    return [window.parameters for window in paging.windows(first, last)]


def walked(pager: Pager, step: Step | None, counts: Mapping[int, int] | None = None) -> list[Step]:
    """All steps from one on; the n-th answer holds `counts[n]` records, none where it is not named."""
    steps: list[Step] = []
    while step is not None:
        steps.append(step)
        step = pager.after(step, answer((counts or {}).get(len(steps), 0)))
    return steps


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, [("2026-01-15", "2026-02-14"), ("2026-02-15", "2026-03-01")]),
        ({"end": "exclusive"}, [("2026-01-15", "2026-02-15"), ("2026-02-15", "2026-03-02")]),
        ({"format": "yyyyMMdd", "span": "P40D"}, [("20260115", "20260223"), ("20260224", "20260301")]),
        ({"format": "yyyy-MM"}, [("2026-01", "2026-01"), ("2026-02", "2026-02"), ("2026-03", "2026-03")]),
        ({"format": "yyyy-MM-dd HH:mm:ss", "span": "P1Y"}, [("2026-01-15 00:00:00", "2026-03-01 23:59:59")]),
        ({"format": "iso", "span": "P1Y"}, [("2026-01-15T00:00:00+08:00", "2026-03-01T23:59:59+08:00")]),
        ({"format": "epochSeconds", "span": "P1Y"}, [(1768406400, 1772380799)]),
        ({"format": "epochMilliseconds", "span": "P1Y"}, [(1768406400000, 1772380799999)]),
        ({"format": "epochMilliseconds", "span": "P1Y", "end": "exclusive"}, [(1768406400000, 1772380800000)]),
        ({"format": "epochSeconds", "span": "P1Y", "zone": "UTC"}, [(1768435200, 1772409599)]),
        ({"span": "P4W"}, [("2026-01-15", "2026-02-11"), ("2026-02-12", "2026-03-01")]),
    ],
)
def test_the_same_days_in_every_form(keys: dict[str, Any], expected: list[tuple[object, object]]) -> None:
    paging = spec(fromParameter="a", toParameter="b", **keys)
    assert [(one["a"], one["b"]) for one in asked(paging, date(2026, 1, 15), date(2026, 3, 1))] == expected


def test_one_parameter_may_be_enough() -> None:
    paging = spec(fromParameter="month", toParameter=None, format="yyyy-MM")
    assert asked(paging, date(2025, 12, 31), date(2026, 1, 1)) == [{"month": "2025-12"}, {"month": "2026-01"}]


def test_months_that_lack_a_day_do_not_shift_those_that_follow() -> None:
    starts = [window.start for window in spec().windows(date(2026, 1, 31), date(2026, 5, 30))]
    assert starts == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_an_inclusive_end_is_right_where_a_day_has_25_hours() -> None:
    paging = spec(format="epochSeconds", span="P1D", zone="Europe/Berlin")
    [window] = asked(paging, date(2025, 10, 26), date(2025, 10, 26))
    assert int(window["to"]) - int(window["from"]) == 25 * 3600 - 1


@given(
    first=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    days=st.integers(0, 1500),
    span=st.sampled_from(["P1D", "P7D", "P2W", "P1M", "P5M", "P1Y"]),
)
def test_every_day_is_asked_for_exactly_once(first: date, days: int, span: str) -> None:
    last = first + timedelta(days=days)
    windows = list(spec(span=span).windows(first, last))
    assert (windows[0].start, windows[-1].stop) == (first, last + timedelta(days=1))
    assert [window.stop for window in windows[:-1]] == [window.start for window in windows[1:]]
    assert all(window.start < window.stop for window in windows)
    assert [window.parameters["to"] for window in windows] == [
        (window.stop - timedelta(days=1)).isoformat() for window in windows
    ]


def test_pages_within_windows_are_walked_one_window_after_the_other() -> None:
    paging = spec(each={"kind": "page", "size": 2, "sizeParameter": "n"})
    pager = paging.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC))
    steps = walked(pager, pager.start(None), {1: 2, 2: 1, 3: 0})
    assert [dict(step.parameters) for step in steps] == [
        {"from": "2026-01-01", "to": "2026-01-31", "n": 2, "page": 1},
        {"from": "2026-01-01", "to": "2026-01-31", "n": 2, "page": 2},
        {"from": "2026-02-01", "to": "2026-02-10", "n": 2, "page": 1},
    ]
    assert [dict(step.position) for step in steps] == [
        {"window": "2026-01-01", "number": 1, "read": 0},
        {"window": "2026-01-01", "number": 2, "read": 2},
        {"window": "2026-02-01", "number": 1, "read": 0},
    ]
    assert pager.expected(answer(2)) is None


def test_addresses_within_a_window_are_followed_as_they_are() -> None:
    pager = spec(each={"kind": "nextUrl"}).between(None, datetime(2020, 1, 5, tzinfo=UTC))
    first = pager.start(None)
    second = pager.after(first, Answer({"next": "?p=2"}, {}, "https://x.org/a", 1))
    assert second == Step(url="https://x.org/a?p=2", position={"window": "2020-01-01", "url": "https://x.org/a?p=2"})
    assert pager.after(second, answer(1)) is None


@given(stop=st.integers(0, 7), counts=st.dictionaries(st.integers(1, 8), st.integers(0, 2), max_size=8))
def test_a_checkpoint_resumes_with_the_very_same_steps(stop: int, counts: dict[int, int]) -> None:
    paging = spec(span="P7D", each={"kind": "offset", "size": 2})
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)
    whole = paging.between(since, until)
    steps = walked(whole, whole.start(None), counts)
    stop = min(stop, len(steps) - 1)
    again = paging.between(since, until)
    rest = {number - stop: count for number, count in counts.items()}
    assert walked(again, again.start(steps[stop].position), rest) == steps[stop:]


def test_days_are_those_of_the_zone() -> None:
    late = datetime(2026, 1, 1, 20, tzinfo=UTC)
    assert spec().between(late, late).start(None).parameters == {"from": "2026-01-02", "to": "2026-01-02"}
    assert spec(zone="UTC").between(late, late).start(None).parameters == {"from": "2026-01-01", "to": "2026-01-01"}


def test_nothing_is_asked_for_before_the_first_day_the_platform_knows() -> None:
    pager = spec().between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2020, 1, 5, tzinfo=UTC))
    assert pager.start(None).parameters == {"from": "2020-01-01", "to": "2020-01-05"}


def test_without_dates_it_walks_from_the_first_day_to_today() -> None:
    before = datetime.now(UTC).date()
    pager = spec(span="P1Y", zone="UTC").pager()
    steps = walked(pager, pager.start(None))
    assert steps[0].parameters["from"] == "2020-01-01"
    assert before.isoformat() <= str(steps[-1].parameters["to"]) <= datetime.now(UTC).date().isoformat()
    assert len(steps) == before.year - 2020 + 1


def test_other_ways_of_paging_know_no_dates() -> None:
    paging = SPECS.validate_python({"kind": "page", "size": 5})
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    assert paging.between(instant, instant).start(None) == paging.pager().start(None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"span": "P0D"}, "match pattern"),
        ({"span": "PT1H"}, "match pattern"),
        ({"span": "1M"}, "match pattern"),
        ({"span": "P1000Y"}, "match pattern"),
        ({"since": "9999-01-01"}, "less than or equal"),
        ({"format": "yyyy-MM", "span": "P30D"}, "whole months"),
        ({"zone": "Asia/Chongqing2"}, "'Asia/Chongqing2' is no time zone"),
        ({"zone": "../etc"}, "is no time zone"),
        ({"since": "soon"}, "valid date"),
        ({"each": {"kind": "window", "since": "2020-01-01"}}, "hold no windows"),
        ({"each": {"kind": "pge"}}, "does not match any of the expected tags"),
        ({"fromParameter": ""}, "at least 1 character"),
    ],
)
def test_windows_that_cannot_be_walked_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        spec(**wrong)

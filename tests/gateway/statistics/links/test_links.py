"""Links say their question, hold for their time, and only as they were signed."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import LimitExceeded
from gateway.statistics.errors import LinkExpired, LinkInvalid
from gateway.statistics.links import LONGEST_QUESTION, Links
from gateway.statistics.questions import Interval, ReportDimension, ReportOrder, ReportQuestion, UsageFilter
from gateway.statistics.reports import ExportFormat

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
VIEWS = ReportQuestion(
    ("views", "active_teachers"),
    UsageFilter(regions=("500000", "510000"), first=date(2026, 1, 1), last=date(2026, 6, 30)),
    (ReportDimension.PROVINCE,),
    Interval.MONTH,
    ReportOrder("views", descending=False),
)
codes = st.none() | st.lists(st.text(max_size=12), max_size=5).map(tuple)
QUESTIONS = st.builds(
    ReportQuestion,
    measures=st.lists(st.text(max_size=20), max_size=4).map(tuple),
    filter=st.builds(
        UsageFilter,
        platforms=codes, regions=codes, programs=codes, stages=codes, subjects=codes, kinds=codes,
        teaching_modes=codes, first=st.none() | st.dates(), last=st.none() | st.dates(),
    ),
    group_by=st.lists(st.sampled_from(ReportDimension), unique=True).map(tuple),
    interval=st.none() | st.sampled_from(Interval),
    order=st.none() | st.builds(ReportOrder, measure=st.text(max_size=20), descending=st.booleans()),
)  # fmt: skip


def links(key: bytes = b"k" * 32, seconds: int = 600, now: datetime = NOON) -> Links:
    return Links(key, seconds, lambda: now)


def parts(path: str) -> tuple[str, str, str]:
    values = parse_qs(urlsplit(path).query)
    return values["q"][0], values["expires"][0], values["signature"][0]


@given(QUESTIONS, st.sampled_from(ExportFormat))
def test_every_question_is_read_back(question: ReportQuestion, file_format: ExportFormat) -> None:
    assert links().read(file_format, *parts(links().path(question, file_format))) == question


def test_a_link_is_a_path_of_its_format() -> None:
    path = links().path(VIEWS, ExportFormat.XLSX)
    assert path.startswith("/exports/usage.xlsx?q=")
    assert parts(path)[1] == str(int(NOON.timestamp()) + 600)
    assert len(path) < 350


def test_a_link_holds_until_its_last_second() -> None:
    made = parts(links(seconds=60).path(VIEWS, ExportFormat.CSV))
    assert links(now=NOON + timedelta(seconds=60)).read(ExportFormat.CSV, *made) == VIEWS
    with pytest.raises(LinkExpired, match="exportUrl"):
        links(now=NOON + timedelta(seconds=61)).read(ExportFormat.CSV, *made)


@given(st.integers(0, 2), st.data())
def test_a_link_with_any_character_changed_is_refused(place: int, data: st.DataObject) -> None:
    made = list(parts(links().path(VIEWS, ExportFormat.CSV)))
    at = data.draw(st.integers(0, len(made[place]) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"], exclude_characters=made[place][at]))
    made[place] = made[place][:at] + other + made[place][at + 1 :]
    with pytest.raises(LinkInvalid):
        links().read(ExportFormat.CSV, *made)


@pytest.mark.parametrize("sent", [("", "", ""), ("x", "never", "x"), ("eNqr", "99999999999", "")])
def test_what_was_never_a_link_is_refused_unread(sent: tuple[str, str, str]) -> None:
    with pytest.raises(LinkInvalid):
        links().read(ExportFormat.CSV, *sent)


def test_parts_cannot_move_from_one_place_to_another() -> None:
    asked, expires, signature = parts(links().path(VIEWS, ExportFormat.CSV))
    for moved in (
        (expires, asked, signature),
        ("", f"{expires}\n{asked}", signature),
        (f"{expires}\n{asked}", "", signature),
    ):
        with pytest.raises(LinkInvalid):
            links().read(ExportFormat.CSV, *moved)


def test_a_link_is_of_one_format_and_one_key() -> None:
    made = parts(links().path(VIEWS, ExportFormat.CSV))
    with pytest.raises(LinkInvalid):
        links().read(ExportFormat.PARQUET, *made)
    with pytest.raises(LinkInvalid):
        links(key=b"j" * 32).read(ExportFormat.CSV, *made)
    assert links(seconds=10).read(ExportFormat.CSV, *made) == VIEWS


def test_a_question_that_no_address_holds_is_refused_with_the_limit() -> None:
    regions = tuple(f"{number * 7919 % 1_000_003:06}" for number in range(3_000))
    with pytest.raises(LimitExceeded, match=str(LONGEST_QUESTION)):
        links().path(ReportQuestion(("views",), UsageFilter(regions=regions)), ExportFormat.CSV)
    some = ReportQuestion(("views",), UsageFilter(regions=regions[:500]))
    assert links().read(ExportFormat.CSV, *parts(links().path(some, ExportFormat.CSV))) == some

"""Published figures: every one reads off its own quote, belongs to one owner, and shows what contradicts it."""

from collections import Counter
from datetime import date

import pytest
from pydantic import ValidationError

from schema.approximate import find_quantity, read_quantity
from schema.bounds import intersection, interval
from schema.measures import MeasureKind, measures
from schema.periods import Period
from schema.published import FigureFilter, PublishedFigure, conflicting, published_figures, select_figures
from schema.quantities import Qualifier
from schema.wording import worded
from tests.architecture.source import ROOT

FIGURES = published_figures()
QUOTED = [figure for figure in FIGURES.values() if figure.quote]
REGIONS = {"chongqing": "500000", "sichuan": "510000", "zibo": "370300", "yuzhong": "500103"}
SOURCES = ROOT.parent / "shared" / "domain" / "sources"
TITLES = {"教育资源跨山海": "000", "搭建城乡教育联盟": "002", "建设“三个课堂”": "003", "数字化赋能": "004"}
COMMUNITY = "chengdu-chongqing-teacher-community"


def selected(**conditions: list[str]) -> list[str]:
    """Ids of the figures of some conditions."""
    return [figure.id for figure in select_figures(FigureFilter(**conditions), REGIONS.get)]


def test_every_figure_in_scope_is_there_once() -> None:
    assert len(FIGURES) == 73
    assert len(QUOTED) == 68
    assert Counter(figure.platform or figure.program or figure.region for figure in FIGURES.values()) == {
        "chongqing": 14,
        COMMUNITY: 5,
        "510000": 2,
        "sichuan": 14,
        "zibo": 19,
        "yuzhong": 19,
    }
    assert Counter(figure.qualifier for figure in FIGURES.values()) == {
        Qualifier.EXACT: 43,
        Qualifier.BETWEEN: 19,
        Qualifier.MORE_THAN: 6,
        Qualifier.AT_LEAST: 3,
        Qualifier.ABOUT: 1,
        Qualifier.LESS_THAN: 1,
    }


@pytest.mark.parametrize("figure", QUOTED, ids=lambda figure: figure.id)
def test_a_quoted_figure_reads_off_its_quote_and_prints_back_in_its_words(figure: PublishedFigure) -> None:
    read = find_quantity(figure.quote or "", figure.quantity.unit)
    assert read == figure.quantity
    assert read.surface == figure.written
    words = worded(figure.quantity)
    assert words.endswith(figure.written or "")
    assert all(
        part in (figure.quote or "") for part in (figure.written or "", words.removesuffix(figure.written or ""))
    )
    assert read_quantity(words, figure.quantity.unit) == figure.quantity


def test_a_fact_told_again_is_the_same_fact() -> None:
    again = {figure.id: figure for figure in FIGURES.values() if figure.repeated}
    assert set(again) == {"chongqing-views-total", "chongqing-online-research-per-year"}
    for figure in again.values():
        (quote,) = figure.repeated
        assert intersection([figure.quantity, find_quantity(quote, figure.quantity.unit)]) == figure.quantity


def test_figures_without_a_quote_say_where_they_were_seen() -> None:
    unquoted = [figure for figure in FIGURES.values() if not figure.quote]
    assert {figure.source_url for figure in unquoted} == {"http://cmr6829.com/news/detail/100969.html"}
    assert [worded(figure.quantity) for figure in unquoted] == ["48所", "168间", "2252所", "5万余名", "50万余名"]


def test_every_quote_stands_in_its_source() -> None:
    if not SOURCES.is_dir():
        pytest.skip("the source documents are not part of the product, and do not lie beside this checkout")
    texts = {path.name[:3]: path.read_text("utf-8") for path in SOURCES.glob("*.txt")}
    told = 0
    for figure in QUOTED:
        (number,) = [number for title, number in TITLES.items() if figure.source.startswith(title)]
        for quote in (figure.quote or "", *figure.repeated):
            assert quote in texts[number].replace("，", ","), quote
            told += 1
    assert told == 70


def test_bounds_hold_the_value_and_units_are_those_of_the_measure() -> None:
    for figure in FIGURES.values():
        quantity = figure.quantity
        assert quantity.unit == measures()[figure.measure].unit
        assert not interval(quantity).is_empty
        assert quantity.value is None or quantity.value == (quantity.lower if quantity.lower else quantity.value)
    assert [figure.id for figure in FIGURES.values() if figure.value is None] == [
        "chengdu-chongqing-co-developing-teachers",
        "chongqing-resources-online",
    ]


def test_claims_that_cannot_both_be_true_are_linked_both_ways() -> None:
    linked = {figure.id: [other.id for other in conflicting(figure)] for figure in FIGURES.values()}
    pairs = [
        ("zibo-online-research-sessions", "zibo-online-research-sessions-for-training"),
        ("sichuan-anchor-schools-2023", "sichuan-anchor-schools-six-years"),
        ("sichuan-receiving-schools-2023", "sichuan-receiving-schools-six-years"),
        ("sichuan-following-teachers-2023", "sichuan-following-teachers-six-years"),
        ("sichuan-benefiting-students-2023", "sichuan-benefiting-students-six-years"),
    ]
    both = {one: [other] for pair in pairs for one, other in (pair, pair[::-1])}
    assert {name: others for name, others in linked.items() if others} == both
    assert FIGURES["sichuan-alliances"].quantity.value == FIGURES["sichuan-anchor-schools-2023"].quantity.value


def test_periods_are_days_or_years_or_not_stated() -> None:
    assert FIGURES["chongqing-views-total"].as_of == Period(date(2025, 1, 1), date(2025, 12, 31))
    assert FIGURES["sichuan-training-funds"].as_of == Period(date(2023, 2, 14), date(2023, 2, 14))
    assert Counter(str(figure.as_of) for figure in FIGURES.values()) == {
        "2025": 17,
        "2023-02-14": 11,
        "2023-01-29": 19,
        "None": 26,
    }


def test_the_health_of_minors_and_plans_stay_outside() -> None:
    text = (ROOT / "schema" / "data" / "published_figures.json").read_text("utf-8")
    assert [word for word in ("vision", "视力", "plan_") if word in text] == []


def test_the_figures_of_a_joint_program_are_found_from_every_side_and_once() -> None:
    joint = [figure.id for figure in FIGURES.values() if figure.program == COMMUNITY]
    assert len(joint) == 5
    assert selected(programs=[COMMUNITY]) == joint
    for conditions in ({"platforms": ["chongqing"]}, {"platforms": ["sichuan"]}, {"regions": ["510000"]}):
        assert [name for name in selected(**conditions) if name in joint] == joint
    assert sorted(selected(platforms=["chongqing", "sichuan"])) == sorted(
        {*selected(platforms=["chongqing"]), *selected(platforms=["sichuan"])}
    )


@pytest.mark.parametrize(
    ("conditions", "count"),
    [
        ({}, 73),
        ({"platforms": []}, 0),
        ({"platforms": ["neijiang"]}, 0),
        ({"platforms": ["zibo"]}, 19),
        ({"platforms": ["chongqing"]}, 19),
        ({"regions": ["100000"]}, 73),
        ({"regions": ["500000"]}, 38),
        ({"regions": ["500103"]}, 19),
        ({"regions": ["510000"]}, 21),
        ({"regions": ["370000"]}, 19),
        ({"regions": ["370300"], "measures": ["online_research_sessions"]}, 2),
        ({"regions": ["370300"], "measures": ["views_total"]}, 0),
        ({"platforms": ["chongqing"], "programs": [COMMUNITY]}, 5),
        ({"platforms": ["zibo"], "programs": [COMMUNITY]}, 0),
    ],
)
def test_conditions_all_hold_and_regions_include_what_lies_inside(conditions: dict[str, list[str]], count: int) -> None:
    assert len(selected(**conditions)) == count


@pytest.mark.parametrize(
    "owners",
    [
        {},
        {"platform": "zibo", "region": "370300"},
        {"program": "no-such-program"},
        {"platform": "zibo", "program": COMMUNITY},
    ],
)
def test_a_figure_has_exactly_one_owner_that_is_known(owners: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a figure belongs to one platform, one known program or one region"):
        PublishedFigure(id="x", measure="views", qualifier=Qualifier.EXACT, source="s", **owners)


def test_a_figure_counts_a_known_measure() -> None:
    with pytest.raises(ValidationError, match="the code of a measure"):
        PublishedFigure(id="x", platform="zibo", measure="view", qualifier=Qualifier.EXACT, source="s")


@pytest.mark.parametrize("text", ["2023-02", "2023-2-14", "0000", "23", "spring", "2023-02-30"])
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither a day such as|day is out of range"):
        Period.read(text)


def test_a_longer_period_is_written_with_both_of_its_days() -> None:
    assert str(Period(date(2023, 1, 1), date(2023, 3, 31))) == "2023-01-01 to 2023-03-31"


def test_every_kind_of_measure_but_those_without_claims_is_claimed() -> None:
    kinds = {measures()[figure.measure].kind for figure in FIGURES.values()}
    assert kinds == set(MeasureKind)

"""Bar charts in the terminal: to scale, bounds visible, aligned whatever the script."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gateway.cli.charts import LABEL_WIDTH, Bar, bar_chart

bounds = st.none() | st.decimals(0, 10**15, places=2)


def exact(label: str, number: int) -> Bar:
    return Bar(label, str(number), Decimal(number), Decimal(number))


def drawn(bar: Bar, greatest: int = 100) -> str:
    """A bar of 40 columns beside one of `greatest`."""
    line, _ = bar_chart([bar, exact("", greatest)], 40 + 3 + len(bar.label) + max(len(bar.text), len(str(greatest))))
    return line.removeprefix(f"{bar.label} ").removesuffix(bar.text).rstrip()


def test_an_exact_number_is_solid_and_to_scale() -> None:
    assert drawn(exact("a", 100)) == "█" * 40
    assert drawn(exact("a", 50)) == "█" * 20
    assert drawn(exact("a", 51)) == "█" * 20 + "▍"


def test_what_is_only_possible_is_lighter() -> None:
    assert drawn(Bar("a", "25–75", Decimal(25), Decimal(75))) == "█" * 10 + "░" * 20
    assert drawn(Bar("a", "<75", None, Decimal(75))) == "░" * 30


def test_a_number_without_an_upper_bound_ends_in_an_arrow() -> None:
    assert drawn(Bar("a", ">50", Decimal(50), None)) == "█" * 20 + "▸"
    assert drawn(Bar("a", ">100", Decimal(100), None)) == "█" * 39 + "▸"


def test_a_small_number_is_seen_and_zero_is_not() -> None:
    assert drawn(exact("a", 1), 1_000_000) == "▏"
    assert drawn(exact("a", 0)) == ""


def test_a_cell_without_a_number_says_why() -> None:
    assert bar_chart([Bar("山东省", "not published"), exact("重庆市", 7)], 40) == [
        "山东省                    not published",
        f"重庆市 {'█' * 18} 7",
    ]


def test_a_chart_without_any_number_has_no_bars() -> None:
    assert bar_chart([Bar("a", "suppressed"), exact("b", 0)], 30)[0].rstrip() == "a                  suppressed"
    assert bar_chart([], 80) == []


def test_labels_are_aligned_by_the_columns_they_take_and_cut_where_too_long() -> None:
    lines = bar_chart([exact("a", 1), exact("重庆云课堂", 1), exact("淄博市交互式在线教学系统（三个课堂）", 1)], 80)
    assert {cell_len(line[: line.index("█")]) for line in lines} == {LABEL_WIDTH + 1}
    assert lines[2].startswith("淄博市交互式在线教学系统（三个课… ")


@pytest.mark.parametrize("width", [1, 40, 200])
@given(
    st.lists(
        st.builds(
            lambda label, text, one, other: Bar(label, text, *sorted_bounds(one, other)),
            st.text("ab重庆（）", max_size=30),
            st.text("0123456789人次", max_size=20),
            bounds,
            bounds,
        ),
        max_size=8,
    )
)
def test_all_bars_stand_in_one_column_of_equal_width(width: int, bars: list[Bar]) -> None:
    lines = bar_chart(bars, width)
    rooms = {cell_len(line) - cell_len(bar.text) for line, bar in zip(lines, bars, strict=True)}
    assert len(lines) == len(bars)
    assert len(rooms) <= 1
    assert all(line.endswith(bar.text) for line, bar in zip(lines, bars, strict=True))


def sorted_bounds(one: Decimal | None, other: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    return (min(one, other), max(one, other)) if one is not None and other is not None else (one, other)

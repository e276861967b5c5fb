"""Shapes: counted paths, merging in any order, and caps."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import shapes
from connectors.extraction import read_xml
from connectors.shapes import LONGEST_PATH, MOST_PATHS, Profiler, Shape

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)
RECORDS = st.lists(st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3) | VALUES, max_size=4)


def merged(*shapes: Shape) -> Shape:
    """All of them in this order; none is changed."""
    found = Shape()
    for shape in shapes:
        found.merge(deepcopy(shape))
    return found


@given(RECORDS, RECORDS, RECORDS)
def test_merging_is_counting_it_all_at_once_in_any_order(one: list[Any], two: list[Any], three: list[Any]) -> None:
    a, b, c = Shape.of(one), Shape.of(two), Shape.of(three)
    assert merged(a, b) == merged(b, a) == Shape.of([*one, *two])
    assert merged(merged(a, b), c) == merged(a, merged(b, c)) == Shape.of([*one, *two, *three])
    assert merged(a, Shape()) == a


def walked(records: list[Any]) -> Shape:
    """The shape by a walk through every record, which recognizes nothing."""
    found = Shape()
    for record in records:
        found.add(dict.fromkeys(shapes._values(record, "", 1)), 1)
    return found


def ordered(shape: Shape) -> tuple[int, list[tuple[str, list[tuple[str, int]]]]]:
    """A shape with the order of its paths and types, which decides which ones are kept."""
    return shape.records, [(path, list(kinds.items())) for path, kinds in shape.paths.items()]


@given(st.lists(RECORDS, max_size=4))
def test_what_is_recognized_is_counted_as_if_it_were_walked(pages: list[list[Any]]) -> None:
    profiler = Profiler()
    assert [ordered(profiler.shape(page)) for page in pages] == [ordered(walked(page)) for page in pages]
    assert [ordered(profiler.shape(page)) for page in pages] == [ordered(walked(page)) for page in pages]


def test_an_empty_list_is_not_taken_for_one_of_an_empty_object() -> None:
    profiler = Profiler()
    alike: list[Any] = [{"a": []}, {"a": [{}]}, {"a": [[]]}, {"a": [{}, {}]}, {"a": {}}]
    for record in alike:
        assert profiler.shape([record, record]) == walked([record, record])


def test_a_profiler_forgets_structures_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "MOST_REMEMBERED", 10)
    profiler, records = Profiler(), [{f"name{n}": n, "again": 1} for n in range(40)]
    assert profiler.shape(records) == profiler.shape(records) == walked(records)
    assert len(profiler._known) + len(profiler._layouts) <= 5


def test_every_path_is_counted_once_per_type_and_record() -> None:
    shape = Shape.of([{"a": 1, "team": [{"name": "甲"}, {"name": None}, 5]}, {"a": "x", "team": []}, 7])
    assert shape == Shape(
        3,
        {
            "a": {"number": 1, "text": 1},
            "team": {"list": 2},
            "team[]": {"object": 1, "number": 1},
            "team[].name": {"text": 1, "null": 1},
        },
    )


def test_elements_have_paths_too() -> None:
    shape = Shape.of([read_xml(b'<r xmlns="urn:x" id="1"><a k="2"><b>t</b><b/></a><!-- c --></r>')])
    assert shape == Shape(1, {"@id": {"text": 1}, "a": {"object": 1}, "a@k": {"text": 1}, "a/b": {"text": 1}})


def test_paths_end_at_the_fourth_level() -> None:
    assert set(Shape.of([{"a": {"b": {"c": {"d": {"e": 1}}}}}]).paths) == {"a", "a.b", "a.b.c", "a.b.c.d"}
    assert set(Shape.of([read_xml(b"<r><a><b><c><d><e/></d></c></b></a></r>")]).paths) == {
        "a",
        "a/b",
        "a/b/c",
        "a/b/c/d",
    }


def test_only_the_first_paths_are_kept_within_a_record_and_over_a_run() -> None:
    shape = Shape.of([{f"k{number}": 1 for number in range(MOST_PATHS + 100)}])
    assert list(shape.paths) == [f"k{number}" for number in range(MOST_PATHS)]
    shape.merge(Shape.of([{"new": 1, "k0": "x"}]))
    assert (len(shape.paths), shape.paths["k0"], shape.records) == (MOST_PATHS, {"number": 1, "text": 1}, 2)


def test_names_without_end_are_no_paths() -> None:
    longest = "x" * LONGEST_PATH
    assert set(Shape.of([{longest: 1, longest + "x": 1}]).paths) == {longest}

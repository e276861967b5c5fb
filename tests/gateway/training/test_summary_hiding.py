"""Of a summary nothing small can be told, neither from a row nor from a total and the rows beside it."""

from collections import defaultdict
from datetime import date
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from gateway.training.summary.groups import GroupKey
from gateway.training.summary.hiding import hidden

KEYS = [((one, other), day) for one, other, day in product("ab", "xyz", (date(2026, 1, 1), date(2026, 2, 1)))]


@given(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 30), min_size=1), st.integers(1, 12))
def test_every_line_hides_nothing_or_at_least_two_and_enough_people(people: dict[GroupKey, int], smallest: int) -> None:
    found = hidden(people, smallest)
    assert {key for key, count in people.items() if 0 < count < smallest} <= found
    lines: dict[object, list[GroupKey]] = defaultdict(list)
    for (one, other), day in people:
        for name in ((0, other, day), (1, one, day), (2, one, other)):
            lines[name].append(((one, other), day))
    for line in lines.values():
        away = [people[key] for key in line if key in found]
        shown = [key for key in line if key not in found]
        assert not away or not shown or (len(away) > 1 and sum(away) >= smallest)


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    assert hidden({(("a",), date(2026, 1, 1)): 5, (("b",), date(2026, 1, 1)): 0}, 5) == frozenset()


def test_a_single_row_that_is_small_is_hidden_alone() -> None:
    assert hidden({((), date(2026, 1, 1)): 4}, 5) == {((), date(2026, 1, 1))}

"""Small groups are hidden, and so many beside them that a total does not give them away.

Where a summary has a line of rows (all but one key the same, or all but the period), its total can be asked for too.
So hidden rows of a line must be at least two, and together at least as many people as a row must have to be shown; else
the smallest row that is shown is hidden too, until that holds for every line.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from gateway.training.summary.groups import GroupKey


def hidden(people: Mapping[GroupKey, int], smallest_shown: int) -> frozenset[GroupKey]:
    """Groups to hide, by how many different people stand behind each."""
    found = {key for key, count in people.items() if 0 < count < smallest_shown}
    lines = list(_lines(people)) if found else []
    while more := {smallest for line in lines if (smallest := _complement(line, people, found, smallest_shown))}:
        found |= more
    return frozenset(found)


def _lines(keys: Iterable[GroupKey]) -> Iterable[list[GroupKey]]:
    """Every line of two or more groups."""
    found: dict[object, list[GroupKey]] = defaultdict(list)
    for key in keys:
        values, period = key
        found["period", values].append(key)
        for place in range(len(values)):
            found[place, values[:place], values[place + 1 :], period].append(key)
    return (line for line in found.values() if len(line) > 1)


def _complement(
    line: list[GroupKey], people: Mapping[GroupKey, int], found: set[GroupKey], smallest_shown: int
) -> GroupKey | None:
    """The smallest group of a line that is still shown, where the hidden ones alone would be given away."""
    away = [people[key] for key in line if key in found]
    if not away or (len(away) > 1 and sum(away) >= smallest_shown):
        return None
    return min((key for key in line if key not in found), key=lambda key: (people[key], key), default=None)

"""Questions that cannot be answered are refused with what could be asked instead."""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches

from gateway.errors import InvalidInput, LimitExceeded
from gateway.statistics.errors import ImpossibleGrouping, ImpossibleSpan, UnknownMeasure
from gateway.statistics.ports import PlatformNames
from gateway.statistics.questions import ReportDimension, ReportQuestion, UsageFilter
from schema.errors import UnknownRegion
from schema.kinds import ResourceKind
from schema.measures import measures
from schema.modes import TeachingMode
from schema.programs import programs
from schema.regions import region_tree
from schema.stages import Stage
from schema.vocabularies import VocabularyScheme, vocabulary

MOST_ROWS = 1_000
MOST_MEASURES = 20
MOST_VALUES = 500
_LISTED = 30
"""Possible values that an error lists in full; of more it names the nearest ones."""
TRAINING_ONLY = frozenset({ReportDimension.LEVEL, ReportDimension.ROLE, ReportDimension.FORM})


def check_question(question: ReportQuestion, platforms: PlatformNames) -> ReportQuestion:
    """The question as it can be answered: measures and conditions known, dimensions possible, days in order.

    Raises UnknownMeasure, ImpossibleGrouping, ImpossibleSpan, InvalidInput and LimitExceeded; retired codes of regions
    become those that took their place.
    """
    _check_measures(question)
    _check_grouping(question.group_by)
    return ReportQuestion(
        question.measures,
        _checked_filter(question.filter, platforms),
        question.group_by,
        question.interval,
        question.order,
    )


def check_rows(first: int) -> int:
    """How many rows are asked for at once."""
    if 0 <= first <= MOST_ROWS:
        return first
    raise LimitExceeded(f"first: {first} is not between 0 and {MOST_ROWS}")


def check_measures(codes: Collection[str]) -> None:
    """Raise UnknownMeasure for the first code that is no measure, and LimitExceeded for too many."""
    if len(codes) > MOST_MEASURES:
        raise LimitExceeded(f"measures: at most {MOST_MEASURES}, not {len(codes)}")
    for code in codes:
        if code not in measures():
            near = get_close_matches(code, measures(), 3, 0.5)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise UnknownMeasure(
                f"measures: {code[:100]!r} is no measure; {hint}the query `{{ measures {{ code name unit }} }}` and "
                f"`shanhai usage measures` list all {len(measures())}, such as {', '.join(list(measures())[:6])}"
            )


def _check_measures(question: ReportQuestion) -> None:
    asked = question.measures
    if not asked:
        raise UnknownMeasure("measures: name at least one, such as views")
    check_measures(asked)
    twice = next((code for number, code in enumerate(asked) if code in asked[:number]), None)
    if twice is not None:
        raise InvalidInput(f"measures: {twice!r} is named twice")
    if question.order is not None and question.order.measure not in asked:
        check_measures([question.order.measure])
        raise InvalidInput(
            f"orderBy: {question.order.measure!r} is not among the measures asked for: {', '.join(asked)}"
        )


def _check_grouping(group_by: tuple[ReportDimension, ...]) -> None:
    possible = [dimension for dimension in ReportDimension if dimension not in TRAINING_ONLY]
    for dimension in group_by:
        if dimension in TRAINING_ONLY:
            raise ImpossibleGrouping(
                f"groupBy: {dimension} is of training only; usage can be grouped by {', '.join(possible)}"
            )
    twice = next((one for number, one in enumerate(group_by) if one in group_by[:number]), None)
    if twice is not None:
        raise ImpossibleGrouping(f"groupBy: {twice} is named twice; name each of {', '.join(possible)} at most once")


def _checked_filter(wanted: UsageFilter, platforms: PlatformNames) -> UsageFilter:
    if wanted.first is not None and wanted.last is not None and wanted.last < wanted.first:
        raise ImpossibleSpan(
            f"filter: from {wanted.first} lies behind to {wanted.last}; both days are included, so equal ones ask for "
            "one day"
        )
    subjects = vocabulary(VocabularyScheme.SUBJECT)
    known: Mapping[str, tuple[tuple[str, ...] | None, Callable[[], Collection[str]]]] = {
        "platforms": (wanted.platforms, platforms.codes),
        "programs": (wanted.programs, lambda: list(programs())),
        "stages": (wanted.stages, lambda: list(Stage)),
        "subjects": (wanted.subjects, lambda: subjects.terms),
        "kinds": (wanted.kinds, lambda: list(ResourceKind)),
        "teachingModes": (wanted.teaching_modes, lambda: list(TeachingMode)),
    }
    for name, (values, possible) in known.items():
        _check_values(name, values, possible)
    return UsageFilter(
        wanted.platforms,
        _current_regions(wanted.regions),
        wanted.programs,
        wanted.stages,
        wanted.subjects,
        wanted.kinds,
        wanted.teaching_modes,
        wanted.first,
        wanted.last,
    )


def _check_values(name: str, values: tuple[str, ...] | None, possible: Callable[[], Collection[str]]) -> None:
    if values is None:
        return
    if len(values) > MOST_VALUES:
        raise LimitExceeded(f"filter.{name}: at most {MOST_VALUES} values, not {len(values)}")
    codes = possible() if values else ()
    for value in values:
        if value not in codes:
            near = get_close_matches(value, codes, 5, 0.4)
            hint = (
                f"possible are {', '.join(sorted(codes))}" if len(codes) <= _LISTED else f"near are {', '.join(near)}"
            )
            raise InvalidInput(f"filter.{name}: {value[:100]!r} is unknown; {hint}")


def _current_regions(codes: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if codes is None:
        return None
    if len(codes) > MOST_VALUES:
        raise LimitExceeded(f"filter.regions: at most {MOST_VALUES} values, not {len(codes)}")
    return tuple(dict.fromkeys(_current_region(code) for code in codes))


def _current_region(code: str) -> str:
    current = region_tree().current(code)
    if current is not None:
        return current.code
    try:
        return region_tree().require(code).code
    except UnknownRegion as error:
        raise InvalidInput(f"filter.regions: {error}") from None

"""What a request may ask; everything else gets an error that names the argument and what is possible."""

import difflib
from collections.abc import Collection, Iterable

from gateway.catalog.ports import PlatformNames
from gateway.catalog.query import ResourceFilter, SearchRequest
from gateway.errors import InvalidInput, LimitExceeded
from schema.regions import region_tree
from schema.vocabularies import VocabularyScheme, vocabulary

MOST_FIRST = 100
LONGEST_QUERY = 500
MOST_VALUES = 500
MOST_BUCKETS = 1_000


def check_first(first: int) -> None:
    """Pages hold 0 to 100 results."""
    if not 0 <= first <= MOST_FIRST:
        raise LimitExceeded(f"first: {first} is not between 0 and {MOST_FIRST}")


def check_limit(limit: int) -> None:
    """Facets list 0 to 1,000 buckets."""
    if not 0 <= limit <= MOST_BUCKETS:
        raise LimitExceeded(f"limit: {limit} is not between 0 and {MOST_BUCKETS}")


def check_query(query: str, argument: str = "query") -> None:
    """Texts to look for have at most 500 characters."""
    if len(query) > LONGEST_QUERY:
        raise LimitExceeded(f"{argument}: {len(query)} characters, at most {LONGEST_QUERY} are possible")


def check_request(request: SearchRequest, platforms: PlatformNames) -> None:
    """Refuse limits, unknown codes and reversed spans."""
    check_first(request.first)
    check_query(request.query)
    wanted = request.filter
    for argument, values in _lists(wanted).items():
        if values is not None and len(values) > MOST_VALUES:
            raise LimitExceeded(f"filter.{argument}: {len(values)} values, at most {MOST_VALUES} are possible")
    _check_platforms(wanted.platforms or (), platforms)
    _check_regions(wanted.regions or ())
    _check_terms("grades", VocabularyScheme.GRADE, wanted.grades or ())
    _check_terms("subjects", VocabularyScheme.SUBJECT, wanted.subjects or ())
    _check_terms("editions", VocabularyScheme.EDITION, wanted.editions or ())
    _check_terms("licenses", VocabularyScheme.LICENSE, wanted.licenses or ())
    _check_spans(wanted)


def _lists(wanted: ResourceFilter) -> dict[str, tuple[str, ...] | None]:
    names = {name: getattr(wanted, name) for name in ResourceFilter.__dataclass_fields__}
    return {name: value for name, value in names.items() if isinstance(value, tuple)}


def _check_platforms(codes: Iterable[str], platforms: PlatformNames) -> None:
    known = platforms.codes()
    for code in codes:
        if code not in known and platforms.label(code) is None:  # one that is not listed may be asked for by name
            raise InvalidInput(f"filter.platforms: no platform has the code {code!r}; {_nearest(code, known)}")


def _check_regions(codes: Iterable[str]) -> None:
    tree = region_tree()
    for code in codes:
        if tree.get(code) is None:
            named = [region for region in tree.regions.values() if code and code in region.name]
            beside = [
                region for digits in (4, 2) for region in tree.regions.values() if region.code[:digits] == code[:digits]
            ]
            near = [f"{region.code} ({region.name})" for region in (*named, *beside)][:5]
            hint = f"did you mean {', '.join(near)}?" if near else "for example 500000 (重庆市)"
            raise InvalidInput(f"filter.regions: {code!r} is no GB/T 2260 region code; {hint}")


def _check_terms(argument: str, scheme: VocabularyScheme, codes: Iterable[str]) -> None:
    terms = vocabulary(scheme)
    for code in codes:
        if terms.get(code) is None:
            meant = terms.resolve(code)
            near = f"did you mean {meant.code!r}?" if meant else _nearest(code, terms.terms)
            raise InvalidInput(f"filter.{argument}: {code!r} is not a code of the vocabulary {scheme}; {near}")


def _nearest(code: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(code, known, n=5, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"for example {', '.join(map(repr, sorted(known)[:5]))}" if known else "none is known yet"


def _check_spans(wanted: ResourceFilter) -> None:
    if wanted.published_from and wanted.published_to and wanted.published_from > wanted.published_to:
        raise InvalidInput(
            f"filter.publishedFrom: {wanted.published_from} lies after publishedTo {wanted.published_to}"
        )
    for argument, moment in (("startsFrom", wanted.starts_from), ("startsTo", wanted.starts_to)):
        if moment is not None and moment.tzinfo is None:
            raise InvalidInput(f"filter.{argument}: {moment} has no zone; write for example 2026-09-01T08:00:00+08:00")
    if wanted.starts_from and wanted.starts_to and wanted.starts_from > wanted.starts_to:
        raise InvalidInput(f"filter.startsFrom: {wanted.starts_from} lies after startsTo {wanted.starts_to}")

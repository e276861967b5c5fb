"""Counts of a result by dimension, each without the filter on that dimension itself."""

import functools
from collections.abc import Mapping, Sequence

from gateway.catalog.fields import FACET_FIELDS
from gateway.catalog.generations import Generation
from gateway.catalog.plans import Plan, count_values, plan
from gateway.catalog.ports import PlatformNames
from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Facet, FacetBucket
from schema.regions import region_tree
from schema.vocabularies import VocabularyScheme, vocabulary

_SCHEMES = {
    FacetDimension.STAGE: VocabularyScheme.STAGE,
    FacetDimension.GRADE: VocabularyScheme.GRADE,
    FacetDimension.SUBJECT: VocabularyScheme.SUBJECT,
    FacetDimension.KIND: VocabularyScheme.KIND,
    FacetDimension.TEACHING_MODE: VocabularyScheme.TEACHING_MODE,
    FacetDimension.CLASSROOM_KIND: VocabularyScheme.CLASSROOM_KIND,
    FacetDimension.LICENSE: VocabularyScheme.LICENSE,
    FacetDimension.ACCESS: VocabularyScheme.ACCESS,
}
_LANGUAGES = {
    "zh": "中文", "zh-CN": "中文", "zh-Hans": "简体中文", "zh-Hant": "繁体中文", "en": "英语", "ja": "日语",
    "ru": "俄语", "fr": "法语", "de": "德语", "es": "西班牙语",
    "ko": "朝鲜语", "bo": "藏语", "ug": "维吾尔语", "mn": "蒙古语",
}  # fmt: skip


def count_facets(
    generation: Generation,
    request: SearchRequest,
    dimensions: Sequence[FacetDimension],
    limit: int,
    platforms: PlatformNames,
) -> tuple[Facet, ...]:
    """A facet per dimension asked for, in that order; a bucket's count is the total its value would give as filter."""
    found = plan(generation, request)
    counts = _counts(generation, request, found, tuple(dict.fromkeys(dimensions)))
    return tuple(
        Facet(dimension, most_frequent(dimension, counts[dimension], limit, platforms)) for dimension in dimensions
    )


def _counts(
    generation: Generation, request: SearchRequest, found: Plan, dimensions: tuple[FacetDimension, ...]
) -> Mapping[FacetDimension, Mapping[str, int]]:
    """One pass for all dimensions without a filter of their own, one for each other; the plan knows the platforms."""
    values: dict[str, Mapping[str, int]] = {}
    if not found.filters.limits("platform"):
        values["platform"] = found.totals
    asked = [FACET_FIELDS[dimension] for dimension in dimensions if FACET_FIELDS[dimension] not in values]
    free = tuple(field for field in asked if not found.filters.limits(field))
    passes: list[tuple[tuple[str, ...], str | None]] = [((field,), field) for field in asked if field not in free]
    if free:
        passes.append((free, None))
    for fields, without in passes:
        query = found.filters.applied_to(found.matched.counted, without)
        key = ("facets", request.query, request.filter, request.visible, fields)
        values |= generation.remember(key, functools.partial(count_values, generation, query, fields))
    return {dimension: values[FACET_FIELDS[dimension]] for dimension in dimensions}


def most_frequent(
    dimension: FacetDimension, counts: Mapping[str, int], limit: int, platforms: PlatformNames
) -> tuple[FacetBucket, ...]:
    """Buckets of some counts: most frequent first, equals by value."""
    frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return tuple(FacetBucket(value, bucket_label(dimension, value, platforms), count) for value, count in frequent)


def bucket_label(dimension: FacetDimension, value: str, platforms: PlatformNames) -> str:
    """A value's label for people; the value itself where nobody has a better word."""
    if dimension in _SCHEMES:
        term = vocabulary(_SCHEMES[dimension]).get(value)
        return term.label if term else value
    if dimension is FacetDimension.REGION:
        region = region_tree().get(value)
        return region.name if region else value
    if dimension is FacetDimension.PLATFORM:
        return platforms.label(value) or value
    if dimension is FacetDimension.LANGUAGE:
        return _LANGUAGES.get(value, value)
    return f"{value}年" if dimension is FacetDimension.YEAR else value

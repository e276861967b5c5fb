"""Counts of a result by dimension, each without the filter on that dimension itself."""

import functools
from collections.abc import Mapping, Sequence
from operator import itemgetter

from gateway.catalog.fields import FACET_FIELDS
from gateway.catalog.generations import Generation
from gateway.catalog.plans import plan, plan_at_hand
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
    counts = plan(generation, request).counts(generation, [FACET_FIELDS[dimension] for dimension in dimensions])
    return tuple(
        Facet(dimension, most_frequent(dimension, counts[FACET_FIELDS[dimension]], limit, platforms))
        for dimension in dimensions
    )


def counted(generation: Generation, request: SearchRequest, dimensions: Sequence[FacetDimension]) -> bool:
    """Whether `count_facets` finds every count at hand, so that it reads nothing of the index."""
    found = plan_at_hand(generation, request)
    return found is not None and found.known(FACET_FIELDS[dimension] for dimension in dimensions)


def most_frequent(
    dimension: FacetDimension, counts: Mapping[str, int], limit: int, platforms: PlatformNames
) -> tuple[FacetBucket, ...]:
    """Buckets of some counts: most frequent first, equals by value."""
    frequent = sorted(sorted(counts.items()), key=itemgetter(1), reverse=True)[:limit]
    return tuple(FacetBucket(value, bucket_label(dimension, value, platforms), count) for value, count in frequent)


def bucket_label(dimension: FacetDimension, value: str, platforms: PlatformNames) -> str:
    """A value's label for people; the value itself where nobody has a better word."""
    if dimension is FacetDimension.PLATFORM:
        return platforms.label(value) or value
    return _word(dimension, value)


@functools.lru_cache(maxsize=10_000)
def _word(dimension: FacetDimension, value: str) -> str:
    """The label of a value whose words come with this version and never change."""
    if dimension in _SCHEMES:
        term = vocabulary(_SCHEMES[dimension]).get(value)
        return term.label if term else value
    if dimension is FacetDimension.REGION:
        region = region_tree().get(value)
        return region.name if region else value
    if dimension is FacetDimension.LANGUAGE:
        return _LANGUAGES.get(value, value)
    return f"{value}年" if dimension is FacetDimension.YEAR else value

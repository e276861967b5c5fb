"""Operations of front ends and analysts that are asked for over and over."""

from dataclasses import dataclass, field
from typing import Any

from schema.identifiers import resource_id


@dataclass(frozen=True)
class Asked:
    """An operation with its name in the table and its variables."""

    label: str
    text: str
    variables: dict[str, Any] = field(default_factory=dict)


CARD = """
fragment Card on Resource {
  id title kind thumbnailUrl durationSeconds access
  platform { id code name } region { code name } subjects { scheme code label } grades { scheme code label } stages
  provider { name } contributors { name role organization { name } }
}
"""
PAGE = """
query NextPage($q: String!, $after: String) {
  search(query: $q, first: 20, after: $after) {
    totalCount edges { cursor score highlights { field fragment } node { ...Card } } pageInfo { hasNextPage endCursor }
  }
}
"""
FULL_PAGE = """
query SearchPage($q: String!, $filter: ResourceFilter, $after: String) {
  search(query: $q, filter: $filter, first: 20, after: $after) {
    totalCount totalIsExact didYouMean
    facets(dimensions: [STAGE, SUBJECT, KIND, REGION, PLATFORM]) { dimension buckets { value label count } }
    edges { cursor score highlights { field fragment } node { ...Card } }
    pageInfo { hasNextPage endCursor }
    sources { platform { code name } state count total latencyMs asOf filteredHere errorCode }
  }
}
"""
FACETS = """
query Facets($q: String!) {
  search(query: $q, first: 0) {
    totalCount facets(dimensions: [STAGE, SUBJECT, KIND, REGION, PLATFORM]) { dimension buckets { value label count } }
  }
}
"""
DETAIL = """
query DetailViaNode($id: ID!) {
  node(id: $id) {
    __typename
    ... on Resource {
      ...Card url summary translations { language title machine } files { url mediaType sizeBytes requiresLogin }
      license { code name url } review { status reviewedAt } awards { name level awardedBy }
      copies { id url platform { code name } }
      usage(measures: ["views"]) {
        measure { code name } status quantity { display value lower upper qualifier }
      }
    }
  }
}
"""
REPORT = """
query RegionsOverTime($from: Date!, $to: Date!) {
  usage(measures: ["views", "active_teachers"], filter: { from: $from, to: $to }, groupBy: [PLATFORM], interval: DAY,
    first: 500) {
    rows {
      keys { dimension value label } period { from to }
      cells {
        measure { code unit } status method quantity { value lower upper qualifier display } platforms { code }
      }
    }
    coverage { platform { code } measure { code } daysReported complete } caveats { code message } asOf
    pageInfo { hasNextPage endCursor }
  }
}
"""
PLATFORMS = """
query PlatformsMap {
  platforms {
    id code name region { code name level ancestors { code name } } resourceCount capabilities health { state since }
    lastHarvestedAt
  }
}
"""
LABELS = """
query EnumLabels {
  stages: vocabulary(scheme: STAGE) { code label } kinds: vocabulary(scheme: KIND) { code label }
  subjects: vocabulary(scheme: SUBJECT) { code label }
}
"""
OPERATIONS = (
    Asked("search page of 20", PAGE + CARD, {"q": "勾股定理"}),
    Asked("with facets, sources", FULL_PAGE + CARD, {"q": "勾股定理", "filter": {"stages": ["JUNIOR_SECONDARY"]}}),
    Asked("facets", FACETS, {"q": "勾股定理"}),
    Asked("one resource", DETAIL + CARD, {"id": resource_id("platform-0", "lesson-3")}),
    Asked("report of 1,000 cells", REPORT, {"from": "2026-01-01", "to": "2026-03-31"}),
    Asked("platforms", PLATFORMS),
    Asked("labels", LABELS),
)

"""The gateway as it is measured: five platforms by manifest, one worker, nothing harvested."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.fanout.upstreams import NAMES

QUERY = """query Search($q: String!, $ms: Int!) {
  search(query: $q, mode: LIVE, first: 20, timeoutMs: $ms) {
    totalCount
    edges { cursor node {
      id title summary kind language url thumbnailUrl publishedAt updatedAt durationSeconds
      platform { code name } provider { name } contributors { name organization { name } }
    } }
  }
}"""
"""The fields that the others are asked for."""
QUERY_WITH_SOURCES = QUERY.replace("totalCount", "totalCount sources { platform { code } state count latencyMs }")

_MANIFEST = """
manifest: 1
version: 1
platform: {{code: {name}, name: {name}, region: "500000"}}
origin: http://127.0.0.1:{port}
limits: {{requestsPerSecond: 10000, burst: 1000, concurrency: 256, retries: 0}}
vocabularies:
  stages: {{values: {{小学: PRIMARY, 初中: JUNIOR_SECONDARY, 高中: SENIOR_SECONDARY}}}}
  subjects: {{values: {{数学: mathematics, 语文: chinese, 英语: english, 物理: physics, 化学: chemistry}}}}
harvest:
  protocol: rest
  request: {{path: /search}}
  paging: {{kind: none}}
  records: items
  fields:
    nativeId: id
    title: title
    summary: summary
    kind: {{constant: LESSON}}
    stages: {{path: stage, vocabulary: stages}}
    subjects: {{path: subject, vocabulary: subjects}}
    language: language
    url: url
    thumbnailUrl: cover
    provider: {{fields: {{name: school}}}}
    contributors:
      each: "[@]"
      fields:
        name: teacher
        role: {{constant: LECTURER}}
        organization: {{fields: {{name: school}}}}
    publishedAt: {{path: createdAt, transform: isoDateTime}}
    updatedAt: {{path: updatedAt, transform: isoDateTime}}
    durationSeconds: seconds
    useCount: views
search:
  protocol: rest
  request: {{path: /search}}
  paging: {{kind: page, parameter: page, sizeParameter: size, size: 20, total: total}}
  records: items
  text: q
"""


def write_manifests(folder: Path, ports: Sequence[int]) -> None:
    """A manifest for each platform, on its port."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, port in zip(NAMES, ports, strict=True):
        (folder / f"{name}.yaml").write_text(_MANIFEST.format(name=name, port=port), encoding="utf-8")


def environment(folder: Path, port: int, **more: str) -> Mapping[str, str]:
    """The settings of the gateway that is measured."""
    return {
        "SHANHAI_HOST": "127.0.0.1",
        "SHANHAI_PORT": str(port),
        "SHANHAI_DATA_DIR": str(folder / "data"),
        "SHANHAI_MANIFESTS": str(folder / "manifests"),
        "SHANHAI_BUILTIN_PLATFORMS": "false",
        "SHANHAI_EGRESS_ALLOW": "127.0.0.1",
        "SHANHAI_SCHEDULE": "false",
        "SHANHAI_HARVEST_WORKERS": "0",
        "SHANHAI_LOG_LEVEL": "ERROR",
        "SHANHAI_ANONYMOUS_REQUESTS": "0",
        "SHANHAI_ANONYMOUS_COST": "0",
        "SHANHAI_SLOW_SECONDS": "0",
        "SHANHAI_RESPONSE_CACHE_SECONDS": "0",
        **more,
    }

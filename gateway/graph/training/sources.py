"""What each platform has to do with a page of training records."""

from collections.abc import Sequence

from gateway.catalog.live.model import SourceState
from gateway.graph.context import GraphContext
from gateway.graph.linked import Platform
from gateway.graph.platforms.description import platform_of
from gateway.graph.search.sources import SourceStatus
from gateway.training.views import SourceView


def training_sources(sources: Sequence[SourceView], context: GraphContext) -> list[SourceStatus]:
    """A status for each platform: records are answered from what was harvested, so that none can be late or fail."""
    return [
        SourceStatus(
            platform=Platform.of(platform_of(source.platform, context.services)),
            state=SourceState.OK,
            count=source.count,
            total=source.total,
            latency_ms=None,
            as_of=source.as_of,
            filtered_here=[],
            error_code=None,
            message=None,
        )
        for source in sources
    ]

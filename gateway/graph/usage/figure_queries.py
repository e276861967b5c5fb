"""Root field for published figures."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.linked import PublishedFigure
from gateway.graph.pagination import given
from gateway.graph.regions.codes import known_regions
from gateway.graph.usage.arguments import known_codes
from gateway.graph.usage.figures import known_measures, select_figures
from schema.published import FigureFilter


@strawberry.type
class FigureQuery:
    """Claims of platforms and programs."""

    @described("Figures that platforms publish about themselves, as claims with source, date and bound.")
    def published_figures(
        self,
        info: Info,
        platforms: list[str] | None = strawberry.UNSET,
        regions: list[str] | None = strawberry.UNSET,
        programs: list[str] | None = strawberry.UNSET,
        measures: list[str] | None = strawberry.UNSET,
    ) -> list[PublishedFigure] | None:
        services = info.context.services
        wanted = FigureFilter(
            platforms=known_codes(
                "platforms", given(platforms), [view.description.code for view in services.platforms.all()]
            ),
            regions=known_regions("regions", given(regions)),
            programs=known_codes("programs", given(programs), [program.code for program in services.programs.all()]),
            measures=known_measures(given(measures)),
        )
        return [PublishedFigure.of(row) for row in select_figures(info.context, wanted)]

"""`shanhai usage figures` and `shanhai usage measures`: claims of platforms, and what numbers count."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

import typer

from gateway.cli.options import AsJson, Manifests, read_settings
from gateway.cli.output import print_json, print_table
from gateway.graph.usage.arguments import known_codes
from gateway.registry import Registry
from schema import measures as known
from schema.programs import programs
from schema.published import FigureFilter, PublishedFigure, conflicting, select_figures
from schema.regions import region_tree
from schema.wording import worded

PlatformCodes = Annotated[list[str] | None, typer.Option("--platform", help="Code of a platform; may be repeated.")]
RegionCodes = Annotated[
    list[str] | None, typer.Option("--region", help="Code of a region and everything inside it; may be repeated.")
]
ProgramCodes = Annotated[list[str] | None, typer.Option("--program", help="Code of a joint program; may be repeated.")]
MeasureCodes = Annotated[list[str] | None, typer.Option("--measure", help="Code of a measure; may be repeated.")]


def figures(
    platform: PlatformCodes = None,
    region: RegionCodes = None,
    program: ProgramCodes = None,
    measure: MeasureCodes = None,
    manifests: Manifests = None,
    as_json: AsJson = False,
) -> None:
    """List figures that platforms publish about themselves; JSON has their sources and quotes too."""
    settings = read_settings(manifests=manifests)
    connected = Registry.load(settings.manifests, builtin=settings.builtin_platforms).connectors
    wanted = FigureFilter(
        platforms=known_codes("--platform", platform or None, connected),
        regions=[region_tree().require(code).code for code in region] if region else None,
        programs=known_codes("--program", program or None, programs()),
        measures=known_codes("--measure", measure or None, known.measures()),
    )
    names = {code: entry.platform.name for code, entry in connected.items()}
    places = {code: entry.platform.region for code, entry in connected.items()}
    found = select_figures(wanted, places.get)
    if as_json:
        print_json([_told(figure) for figure in found])
    else:
        print_table(
            f"Published figures: {len(found)}",
            ("owner", "measure", "name", "number", "scope", "as of", "contradicts"),
            [_row(figure, names) for figure in found],
        )


def measures(as_json: AsJson = False) -> None:
    """List measures: what each counts, in which unit, and how its numbers are put together."""
    every = list(known.measures().values())
    if as_json:
        print_json([asdict(one) for one in every])
        return
    print_table(
        f"Measures: {len(every)}",
        ("code", "name", "unit", "kind", "over time", "over platforms", "meaning"),
        [(one.code, one.name, one.unit, one.kind, one.over_time, one.over_platforms, one.description) for one in every],
    )


def _row(figure: PublishedFigure, names: dict[str, str]) -> Sequence[object]:
    against = ", ".join(worded(other.quantity) for other in conflicting(figure))
    name = known.measures()[figure.measure].name
    number = worded(figure.quantity)
    return _owner(figure, names), figure.measure, name, number, figure.scope, figure.as_of, against


def _owner(figure: PublishedFigure, names: dict[str, str]) -> str:
    if figure.platform is not None:
        return names.get(figure.platform, figure.platform)
    if figure.program is not None:
        return programs()[figure.program].name
    return region_tree().require(figure.region or "").name


def _told(figure: PublishedFigure) -> dict[str, Any]:
    quantity, period = figure.quantity, figure.as_of
    return {
        "id": figure.id,
        "platform": figure.platform,
        "program": figure.program,
        "region": figure.region,
        "measure": figure.measure,
        "value": _number(quantity.value),
        "lower": _number(quantity.lower),
        "upper": _number(quantity.upper),
        "qualifier": quantity.qualifier,
        "unit": quantity.unit,
        "display": worded(quantity),
        "scope": figure.scope,
        "asOf": {"from": period.first, "to": period.last} if period else None,
        "source": figure.source,
        "sourceUrl": figure.source_url,
        "quote": figure.quote,
        "repeated": figure.repeated,
        "note": figure.note,
        "conflictsWith": [other.id for other in conflicting(figure)],
    }


def _number(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)

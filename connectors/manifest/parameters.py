"""Parameters of paging, changes and days, checked against the request that is to carry them."""

from collections.abc import Iterator

from graphql import OperationDefinitionNode, parse

from connectors.manifest.report import Report
from connectors.manifest.sections import RecordSection, UsageSection
from connectors.paging.model import Paging
from connectors.paging.windows import WindowPaging
from connectors.protocols import Listing
from connectors.protocols.graphql import GraphQlListing
from connectors.protocols.rest import RestListing
from schema.findings import Severity

_PAGING = ("parameter", "size_parameter", "from_parameter", "to_parameter")


def check_parameters(name: str, section: Listing, report: Report) -> None:
    """Variables that a query does not declare, sizes that are never sent, values that paging writes over."""
    if isinstance(section, GraphQlListing):
        _check_variables(f"/{name}", section, report)
    if isinstance(section, RestListing):
        _check_query(f"/{name}", section, report)
    if isinstance(section, RestListing | GraphQlListing):
        _check_size(f"/{name}/paging", section.paging, report)


def _check_variables(pointer: str, section: GraphQlListing, report: Report) -> None:
    declared = tuple(
        variable.variable.name.value
        for one in parse(section.query, no_location=True).definitions
        if isinstance(one, OperationDefinitionNode)
        for variable in one.variable_definitions or ()
    )
    for key, parameter in _parameters(section):
        variable = parameter.partition(".")[0]
        if variable not in declared:
            message = f"the query declares no variable ${variable}"
            report.add("manifest.parameter", message, f"{pointer}/{key}", found=variable, words=declared)


def _check_query(pointer: str, section: RestListing, report: Report) -> None:
    for key, parameter in _parameters(section):
        for request in section.request:
            if parameter in request.query:
                message = f"{parameter} stands in the request's query too, where {key.replace('/', '.')} writes over it"
                report.add(
                    "manifest.parameter", message, f"{pointer}/{key}", severity=Severity.WARNING, found=parameter
                )


def _check_size(pointer: str, paging: Paging, report: Report) -> None:
    size, parameter = getattr(paging, "size", None), getattr(paging, "size_parameter", None)
    if parameter is not None and size is None:
        message = "nothing is sent as sizeParameter, because size is missing"
        report.add("manifest.parameter", message, f"{pointer}/sizeParameter", severity=Severity.WARNING)
    if size is not None and parameter is None and not type(paging).model_fields["size"].is_required():
        message = "size is not sent, because sizeParameter is missing"
        report.add("manifest.parameter", message, f"{pointer}/size", severity=Severity.WARNING)


def _parameters(section: Listing) -> Iterator[tuple[str, str]]:
    """The parameters of a section by the key that names them."""
    if isinstance(section, RestListing | GraphQlListing):
        yield from _of_paging(section.paging, "paging")
    if isinstance(section, RecordSection) and section.incremental is not None and not section.tells_changes:
        yield "incremental/parameter", section.incremental.parameter
    if isinstance(section, UsageSection) and section.window is not None:
        yield "window/from", section.window.first
        yield "window/to", section.window.last


def _of_paging(paging: Paging, pointer: str) -> Iterator[tuple[str, str]]:
    for attribute in _PAGING:
        named = getattr(paging, attribute, None)
        if named is not None:
            yield f"{pointer}/{type(paging).model_fields[attribute].alias or attribute}", named
    if isinstance(paging, WindowPaging):
        yield from _of_paging(paging.each, f"{pointer}/each")

"""Ids of connectors and runs as arguments, and the nodes that only the administrator may see."""

from gateway.graph.connectors.access import managed_connectors, managed_harvests
from gateway.graph.connectors.versions import ManifestVersion
from gateway.graph.context import GraphContext
from gateway.graph.identifiers import parse_id
from gateway.graph.linked import HarvestRun, QuarantinedRecord, load_connector
from gateway.graph.nodes.types import Node
from schema.identifiers import GlobalId


def named_by(type_name: str, text: str) -> str | None:
    """What an id of this type names: a platform's code, or the id of a run; None for any other text."""
    identifier = parse_id(text)
    if identifier is None or identifier.type_name != type_name or len(identifier.parts) != 1:
        return None
    return identifier.parts[0]


async def find_managed(context: GraphContext, identifier: GlobalId) -> Node | None:
    """The node of this area with this id; None where there is none or the viewer is no administrator."""
    if not context.principal.is_administrator:
        return None
    match identifier.type_name, identifier.parts:
        case "Connector", (code,):
            return await load_connector(context, code)
        case "ManifestVersion", (code, number):
            return await _version(context, code, number)
        case "HarvestRun", (run_id,):
            run = await context.loaders.runs.load(run_id)
            return HarvestRun.of(run) if run else None
        case "QuarantinedRecord", (record_id,):
            record = await managed_harvests(context).quarantined_record(record_id)
            return QuarantinedRecord.of(record) if record else None
    return None


async def _version(context: GraphContext, code: str, number: str) -> ManifestVersion | None:
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    row = await managed_connectors(context).version(code, int(number))
    return ManifestVersion.of(row) if row and str(row.version) == number else None

"""Nodes of connectors by their ids, which only who manages them may see."""

from gateway.access.managing import managed_regions
from gateway.graph.connectors.access import is_managed, is_managed_lane, managed_connectors, managed_harvests
from gateway.graph.connectors.versions import ManifestVersion
from gateway.graph.context import GraphContext
from gateway.graph.linked import HarvestRun, QuarantinedRecord, load_connector
from gateway.graph.nodes.types import Node
from schema.identifiers import GlobalId


async def find_managed(context: GraphContext, identifier: GlobalId) -> Node | None:
    """The node of this area with this id; None where there is none or it is not the viewer's to manage."""
    if not managed_regions(context.principal):
        return None
    match identifier.type_name, identifier.parts:
        case "Connector", (code,):
            return await load_connector(context, code)
        case "ManifestVersion", (code, number):
            return await _version(context, code, number)
        case "HarvestRun", (run_id,):
            run = await context.loaders.runs.load(run_id)
            return HarvestRun.of(run) if run and await is_managed_lane(context, run.platform) else None
        case "QuarantinedRecord", (record_id,):
            record = await managed_harvests(context).quarantined_record(record_id)
            shown = record is not None and await is_managed_lane(context, record.platform)
            return QuarantinedRecord.of(record) if record and shown else None
    return None


async def _version(context: GraphContext, code: str, number: str) -> ManifestVersion | None:
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    if not await is_managed(context, code):
        return None
    row = await managed_connectors(context).version(code, int(number))
    return ManifestVersion.of(row) if row and str(row.version) == number else None

"""Nodes of training by their global ids."""

from gateway.errors import Forbidden, PurposeRequired
from gateway.graph.context import Info
from gateway.graph.nodes.types import Node
from gateway.graph.training.certificates import CERTIFICATE, Certificate
from gateway.graph.training.linked import AWARD, LEDGER, LedgerEntry, load_record, load_teacher
from gateway.graph.training.rules import CreditRule
from schema.identifiers import GlobalId


async def find_training(info: Info, identifier: GlobalId) -> Node | None:
    """The node of this area with this id; None where there is none or the viewer may not see it."""
    match identifier.type_name, identifier.parts:
        case "CreditRule", (name,):
            rule = await info.context.training.rules.load(name)
            return CreditRule.of(rule) if rule else None
        case _, (name,):
            try:
                return await _find_personal(info, identifier.type_name, name)
            except (Forbidden, PurposeRequired):
                return None
    return None


async def _find_personal(info: Info, type_name: str, name: str) -> Node | None:
    match type_name:
        case "Teacher":
            return await load_teacher(info, name)
        case "TrainingRecord":
            return await load_record(info, name)
        case "LedgerEntry":
            return await _entry(info, name)
        case "Certificate":
            return await _certificate(info, name)
    return None


async def _entry(info: Info, name: str) -> LedgerEntry | None:
    """A line is seen by the ledger of its record, and the award in force by that right too."""
    loaders = info.context.training
    found = await loaders.entries.load(name)
    record = await loaders.records.load(found.record) if found else None
    if found is None or record is None:
        return None
    if LEDGER in record.decision.fields:
        return LedgerEntry.of(found, info, LEDGER)
    award = await loaders.awards.load(record.id) if AWARD in record.decision.fields else None
    return LedgerEntry.of(found, info, AWARD) if award and award.id == found.id else None


async def _certificate(info: Info, name: str) -> Certificate | None:
    loaders = info.context.training
    found = await loaders.certificates_by_id.load(name)
    record = await loaders.records.load(found.record) if found else None
    if found is None or record is None or CERTIFICATE not in record.decision.fields:
        return None
    return Certificate.of(found, info)

"""Global IDs as clients send them."""

from gateway.catalog.results import ResourceKey
from schema.errors import InvalidIdentifier
from schema.identifiers import GlobalId


def parse_id(text: str) -> GlobalId | None:
    """What an id says; None for text that no gateway ever wrote."""
    try:
        return GlobalId.parse(text)
    except InvalidIdentifier:
        return None


def resource_key(identifier: GlobalId | None) -> ResourceKey | None:
    """The key of a resource's id; None for an id of anything else."""
    if identifier is None or identifier.type_name != "Resource" or len(identifier.parts) != 2:
        return None
    return ResourceKey(*identifier.parts)

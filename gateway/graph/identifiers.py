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


def named_by(type_name: str, text: str) -> str | None:
    """The one name in an id of this type, such as a platform's code or an id of ours; None for any other text."""
    identifier = parse_id(text)
    if identifier is None or identifier.type_name != type_name or len(identifier.parts) != 1:
        return None
    return identifier.parts[0]


def resource_key(identifier: GlobalId | None) -> ResourceKey | None:
    """The key of a resource's id; None for an id of anything else."""
    if identifier is None or identifier.type_name != "Resource" or len(identifier.parts) != 2:
        return None
    return ResourceKey(*identifier.parts)

"""Files that platforms leave to be read: unpacked, decoded and cut into records; one module per format."""

from connectors.files.content import Content
from connectors.files.encodings import Encoding
from connectors.files.folders import DropPattern, dropped
from connectors.files.unpacking import unpacked

__all__ = ["Content", "DropPattern", "Encoding", "dropped", "unpacked"]

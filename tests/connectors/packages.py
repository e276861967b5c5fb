"""Packages installed for a test: a directory on the path with modules and the metadata an installer would leave."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

GOOD = """
import hashlib
from connectors.records import Accepted, HarvestPage
from schema.platforms import Capability, PlatformDescription
from schema.resources import ResourceRecord

class Good:
    platform = PlatformDescription(code="{code}", name="童谣馆", region="500000", simulated=True)
    version = 1
    capabilities = {{Capability.HARVEST}}
    origins = ["https://api.rhymes.example"]

    async def harvest(self, context, request):
        record = ResourceRecord(native_id="r1", title="小燕子", kind="LESSON")
        yield HarvestPage((Accepted(record, hashlib.sha256(b"r1").hexdigest()),), checkpoint={{"page": 1}})
"""


@contextmanager
def installed(directory: Path, name: str, modules: Mapping[str, str], entries: Mapping[str, str]) -> Iterator[None]:
    """A distribution that is installed for the length of a block: its modules by name, its entry points by name."""
    home = directory / name
    metadata = home / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    lines = [f"{entry} = {value}" for entry, value in entries.items()]
    (metadata / "entry_points.txt").write_text("\n".join(["[shanhai.connectors]", *lines, ""]), "utf-8")
    for module, source in modules.items():
        (home / f"{module}.py").write_text(source, "utf-8")
    sys.path.insert(0, str(home))
    try:
        yield
    finally:
        sys.path[:] = [each for each in sys.path if each != str(home)]
        for module in modules:
            sys.modules.pop(module, None)

"""Options that several commands share, and the settings they amount to."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from gateway.errors import InvalidInput
from gateway.settings import Settings

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Directory of database and index. [.shanhai]")]
Manifests = Annotated[
    list[Path] | None, typer.Option("--manifests", help="Directory of connector manifests; may be repeated.")
]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on. [127.0.0.1]")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on. [8000]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of a table.")]


def read_settings(**chosen: Any) -> Settings:
    """Settings from the environment, overruled by the options that were given; names the wrong one."""
    given = {name: value for name, value in chosen.items() if value not in (None, [])}
    if "manifests" in given:
        given["manifests"] = tuple(given["manifests"])
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise InvalidInput(f"setting SHANHAI_{name.upper()}: {first['msg']}") from None

"""`shanhai sdl`: the schema that the gateway serves."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import InvalidInput
from gateway.graph.federation.text import subgraph_text
from gateway.graph.schema import build_schema, schema_text

app = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The GraphQL schema."""


@app.command()
def export(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write. [standard output]")] = None,
    subgraph: Annotated[bool, typer.Option("--subgraph", help="With the keys by which routers compose it.")] = False,
) -> None:
    """Print the schema definition, or write it to a file."""
    schema = build_schema()
    sdl = subgraph_text(schema) if subgraph else schema_text(schema)
    if output is None:
        typer.echo(sdl, nl=not sdl.endswith("\n"))
        return
    try:
        output.write_text(sdl, "utf-8")
    except OSError as error:
        raise InvalidInput(f"--output {output}: {error.strerror}") from None

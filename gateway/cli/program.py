"""The program: its commands, and how an error ends it."""

import sys

import typer

from connectors.errors import ConnectorError
from gateway.cli import (
    audit,
    certificates,
    connectors,
    database,
    demo,
    harvest,
    keys,
    sdl,
    secrets,
    serve,
    settings,
    training,
    usage,
)
from gateway.cli.output import errors
from gateway.errors import GatewayError
from schema.errors import SchemaError

app = typer.Typer(
    name="shanhai",
    help="Shanhai (山海): one GraphQL endpoint over the education platforms of several provinces and cities.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("harvest")(harvest.harvest)
app.command("settings")(settings.settings)
app.add_typer(connectors.app, name="connectors")
app.add_typer(secrets.app, name="secrets")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(sdl.app, name="sdl")
app.add_typer(database.app, name="database")
app.add_typer(usage.app, name="usage")
app.add_typer(training.app, name="training")
app.add_typer(certificates.app, name="certificates")


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 done with failures, 2 wrong usage or settings."""
    try:
        app()
    except (GatewayError, ConnectorError, SchemaError) as error:
        errors.print(f"[bold red]error[/] {getattr(error, 'code', 'INVALID_INPUT')}: ", end="")
        errors.print(str(error), markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)

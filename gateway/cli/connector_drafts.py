"""`shanhai connectors new`: a first manifest from a recorded answer, an API description or an OAI-PMH server."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from connectors.drafts import About, Draft, draft_from_oai, draft_from_openapi, draft_from_sample
from connectors.transport import Limits, open_transport
from gateway.application import egress_policy
from gateway.cli.connector_trials import SectionChoice
from gateway.cli.options import read_settings
from gateway.cli.output import errors
from gateway.errors import InvalidInput

FromSample = Annotated[
    Path | None, typer.Option("--from-sample", help="A recorded answer: JSON, XML, CSV, XLSX.", metavar="FILE")
]
FromOpenApi = Annotated[
    Path | None, typer.Option("--from-openapi", help="An OpenAPI 3 or Swagger 2 document.", metavar="FILE")
]
FromOai = Annotated[str | None, typer.Option("--from-oai", help="Base address of an OAI-PMH interface.", metavar="URL")]
Operation = Annotated[
    str | None, typer.Option("--operation", help="With --from-openapi: the operationId that lists.", metavar="ID")
]
Origin = Annotated[
    str | None, typer.Option("--origin", help="Origin of the interface, or the whole address that was asked.")
]


def new(
    from_sample: FromSample = None,
    from_openapi: FromOpenApi = None,
    from_oai: FromOai = None,
    section: Annotated[SectionChoice, typer.Option("--section", help="What the records are.")] = SectionChoice.HARVEST,
    operation: Operation = None,
    code: Annotated[str | None, typer.Option("--code", help="Short name of the platform.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the platform.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="GB/T 2260 code of the platform.")] = None,
    origin: Origin = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write to. [standard output]")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a first draft of a manifest with the guesses marked."""
    if sum(source is not None for source in (from_sample, from_openapi, from_oai)) != 1:
        raise InvalidInput("say what to draft from: one of --from-sample, --from-openapi and --from-oai")
    if operation is not None and from_openapi is None:
        raise InvalidInput("--operation goes with --from-openapi")
    if out is not None and out.exists() and not force:
        raise InvalidInput(f"{out} is there already; --force writes over it")
    about = About(code=code, name=name, region=region, address=origin, section=section.value)
    try:
        draft = _drafted(from_sample, from_openapi, from_oai, operation, about)
    except ValueError as error:
        raise InvalidInput(str(error)) from None
    _write(draft, out)
    _tell(draft, str(out or "FILE"))


def _drafted(sample: Path | None, openapi: Path | None, oai: str | None, operation: str | None, about: About) -> Draft:
    if sample is not None:
        return draft_from_sample(_read(sample), sample.name, about)
    if openapi is not None:
        return draft_from_openapi(_read(openapi), openapi.name, about, operation)
    return asyncio.run(_from_oai(oai or "", about))


async def _from_oai(url: str, about: About) -> Draft:
    settings = read_settings()
    transport = open_transport(Limits(), settings.reroutes, policy=egress_policy(settings))
    try:
        return await draft_from_oai(url, transport, about)
    finally:
        await transport.aclose()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from None


def _write(draft: Draft, out: Path | None) -> None:
    if out is None:
        typer.echo(draft.text, nl=False)
        return
    try:
        out.write_text(draft.text, "utf-8")
    except OSError as error:
        raise InvalidInput(f"{out} cannot be written: {error.strerror or error}") from None


def _tell(draft: Draft, file: str) -> None:
    """What there is to know about the draft, and what to do next."""
    lines = [*draft.notes]
    if draft.needed:
        lines.append(f"still needed: {', '.join(draft.needed)}")
    lines += [
        f"1. shanhai connectors check {file}    what is wrong or missing, with line and column",
        f"2. shanhai connectors preview {file}  the first records, read live",
        "3. register it: docs/partner-api.md",
    ]
    for line in lines:
        errors.print(line, markup=False, highlight=False, soft_wrap=True)

"""`shanhai settings`: every setting, its value and where to set it."""

import re

from pydantic import SecretStr

from gateway.cli.options import AsJson, read_settings
from gateway.cli.output import print_json, print_table
from gateway.settings import Settings


def settings(as_json: AsJson = False) -> None:
    """List every setting with its environment variable, present value and meaning."""
    current = read_settings()
    rows = [
        (f"SHANHAI_{name.upper()}", _shown(getattr(current, name)), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        print_json([{"variable": variable, "value": value, "meaning": meaning} for variable, value, meaning in rows])
    else:
        print_table("Settings", ("variable", "value", "meaning"), rows)


def _shown(value: object) -> str | None:
    if value is None or value in ((), {}):
        return None
    if isinstance(value, SecretStr):
        return "(set)"
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, dict):
        return ",".join(f"{key}={part}" for key, part in value.items())
    return re.sub(r"(?<=:)[^:/@]+(?=@)", "•••", str(value))

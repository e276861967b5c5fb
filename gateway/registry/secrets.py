"""Where the secrets that manifests name come from: the environment and a file of the operator's."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from gateway.errors import InvalidInput


class SecretStore:
    """Secrets by platform and name, for connectors from files and plug-ins; the environment wins over the file.

    A manifest of platform `chongqing` that names the secret `appSecret` is given the value of the variable
    `SHANHAI_SECRET_CHONGQING__APP_SECRET`, else of `chongqing: {appSecret: …}` in the file.
    """

    def __init__(
        self,
        by_platform: Mapping[str, Mapping[str, str]] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._by_platform = dict(by_platform or {})
        self._environment = os.environ if environment is None else environment

    def __repr__(self) -> str:
        return f"SecretStore(platforms={sorted(self._by_platform)})"

    @classmethod
    def from_file(cls, path: Path | None, environment: Mapping[str, str] | None = None) -> "SecretStore":
        """Read the file of `SHANHAI_SECRETS_FILE`; raises `InvalidInput` without quoting what the file holds."""
        if path is None:
            return cls(environment=environment)
        try:
            content = yaml.safe_load(path.read_text("utf-8")) or {}
        except (OSError, UnicodeError, yaml.YAMLError) as error:
            raise InvalidInput(f"secrets file {path} cannot be read: {type(error).__name__}") from None
        if not isinstance(content, dict) or not all(
            isinstance(names, dict) and all(isinstance(value, str) for value in names.values())
            for names in content.values()
        ):
            raise InvalidInput(f"secrets file {path} must map platform codes to names and text values (quote numbers)")
        return cls(content, environment)

    def for_platform(self, platform: str, names: frozenset[str]) -> dict[str, str]:
        """The values that exist among the names a manifest references."""
        known = self._by_platform.get(platform, {})
        found = {name: known[name] for name in names if name in known}
        for name in names:
            value = self._environment.get(variable_name(platform, name))
            if value is not None:
                found[name] = value
        return found


def variable_name(platform: str, name: str) -> str:
    """The environment variable of one secret; the double underscore keeps platforms from reading each other's."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    parts = (re.sub(r"[^A-Z0-9]+", "_", part.upper()).strip("_") for part in (platform, snake))
    return "SHANHAI_SECRET_" + "__".join(parts)

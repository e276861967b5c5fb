"""Why an action of the registry is refused, each with its stable code and what to do instead."""

from gateway.registry.records import Refusal


class Refused(Exception):
    """Ends an action and rolls its transaction back."""

    def __init__(self, code: str, message: str, *path: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(code, message, path)


def connector_not_found(platform: str) -> Refused:
    """No connector has this code."""
    return Refused("CONNECTOR_NOT_FOUND", f"no connector for platform {platform!r}; register it first", "connectorId")


def connector_exists(platform: str) -> Refused:
    """Somebody registered the platform already."""
    return Refused(
        "CONNECTOR_EXISTS", f"platform {platform!r} has a connector; publish a version of it instead", "manifest"
    )


def plugin_exists(platform: str) -> Refused:
    """An installed plug-in speaks for the platform."""
    advice = "only a manifest in a file of the operator's may take its place"
    return Refused("CONNECTOR_EXISTS", f"platform {platform!r} has an installed plug-in; {advice}")


def version_not_found(platform: str, version: int, newest: int) -> Refused:
    """The connector has no such version."""
    return Refused(
        "VERSION_NOT_FOUND", f"connector {platform!r} has no version {version}; the newest is {newest}", "version"
    )


def version_not_greater(version: int, newest: int) -> Refused:
    """Versions never change, so a change needs a number of its own."""
    return Refused(
        "VERSION_NOT_GREATER",
        f"version {version} is not greater than {newest}, the newest; write version: {newest + 1}",
        "manifest",
    )


def platform_mismatch(found: str | None, expected: str) -> Refused:
    """A manifest of another platform."""
    return Refused(
        "PLATFORM_MISMATCH", f"the manifest is of platform {found!r}, the connector of {expected!r}", "manifest"
    )


def manifest_invalid(errors: int) -> Refused:
    """The report says what is wrong."""
    return Refused("MANIFEST_INVALID", f"the manifest has {errors} errors; see the report", "manifest")


def not_verified(version: int, advice: str, argument: str = "version") -> Refused:
    """The version has not passed its checks."""
    return Refused("NOT_VERIFIED", f"version {version} has not passed its verification; {advice}", argument)


def credential_unknown(name: str, known: tuple[str, ...]) -> Refused:
    """A secret the manifest has no use for."""
    names = ", ".join(known) or "none"
    return Refused("CREDENTIAL_UNKNOWN", f"the manifest names no secret {name!r}; it names {names}", "credentials")


def credentials_missing(reasons: list[str]) -> Refused:
    """Secrets that the manifest names and nobody set, or that do not open."""
    return Refused("CREDENTIALS_MISSING", "; ".join(reasons), "credentials")

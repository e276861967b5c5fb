"""Golden vectors of a manifest's signature, computed and compared."""

from connectors.credentials import CredentialConfig
from connectors.manifest.report import Report


def check_signature(pointer: str, credentials: CredentialConfig, report: Report) -> None:
    """One finding per vector whose signature or signed text comes out otherwise."""
    for mismatch in credentials.check_vectors():
        here = pointer + mismatch.pointer
        where = f" from character {mismatch.position + 1} on" if mismatch.position is not None else ""
        signed = f"; signed was {mismatch.signed_text!r}" if mismatch.what == "signature" else ""
        message = f"vector {mismatch.index + 1}: the {mismatch.what} comes out otherwise{where}{signed}"
        report.add("manifest.signatureVector", message, here, expected=mismatch.expected, found=mismatch.found)

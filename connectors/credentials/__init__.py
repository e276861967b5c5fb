"""How a platform is shown who is asking: one module per kind of credential, found by name."""

from typing import Annotated

from connectors.components import one_of
from connectors.credentials.api_key import ApiKeySpec
from connectors.credentials.basic import BasicSpec
from connectors.credentials.bearer import BearerSpec
from connectors.credentials.bound import Bound
from connectors.credentials.contract import Clock, Credential, CredentialConfig
from connectors.credentials.none import NoCredentialSpec
from connectors.credentials.oauth2 import OAuth2Spec
from connectors.credentials.placement import Placement
from connectors.credentials.session import LoginRequest, SessionSpec, TokenSource
from connectors.credentials.signing import HmacSpec, SignatureNames, Signer

CredentialSpec = Annotated[CredentialConfig, one_of("connectors.credentials", CredentialConfig, "kind")]
"""The `credentials:` of a manifest, told apart by its `kind`."""

__all__ = [
    "ApiKeySpec",
    "BasicSpec",
    "BearerSpec",
    "Bound",
    "Clock",
    "Credential",
    "CredentialConfig",
    "CredentialSpec",
    "HmacSpec",
    "LoginRequest",
    "NoCredentialSpec",
    "OAuth2Spec",
    "Placement",
    "SessionSpec",
    "SignatureNames",
    "Signer",
    "TokenSource",
]

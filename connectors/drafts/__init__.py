"""First drafts of manifests from recorded answers, OpenAPI documents and OAI-PMH servers, with the guesses marked."""

from connectors.drafts.draft import About, Draft
from connectors.drafts.oai import draft_from_oai
from connectors.drafts.openapi import draft_from_openapi
from connectors.drafts.sample import draft_from_sample

__all__ = ["About", "Draft", "draft_from_oai", "draft_from_openapi", "draft_from_sample"]

"""Prefixes that every manifest may use without declaring them."""

from collections.abc import Mapping

NAMESPACES: Mapping[str, str] = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "datacite": "http://datacite.org/schema/kernel-4",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "ddi": "ddi:codebook:2_5",
    "dim": "http://www.dspace.org/xmlns/dspace/dim",
    "georss": "http://www.georss.org/georss",
    "imscp": "http://www.imsglobal.org/xsd/imscp_v1p1",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "lom": "http://ltsc.ieee.org/xsd/LOM",
    "marc": "http://www.loc.gov/MARC21/slim",
    "media": "http://search.yahoo.com/mrss/",
    "mets": "http://www.loc.gov/METS/",
    "mods": "http://www.loc.gov/mods/v3",
    "oai": "http://www.openarchives.org/OAI/2.0/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "oai_id": "http://www.openarchives.org/OAI/2.0/oai-identifier",
    "opensearch": "http://a9.com/-/spec/opensearch/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rss1": "http://purl.org/rss/1.0/",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xlink": "http://www.w3.org/1999/xlink",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}

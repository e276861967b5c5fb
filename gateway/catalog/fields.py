"""The index's fields, and which of them answers which filter and facet."""

import functools
import importlib.resources
import json
import zlib

from tantivy import Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from gateway.catalog.query import FacetDimension
from schema.resources import CatalogResource

_FORMAT = 2
"""Raise it with every change of fields, tokens, ranks or weights."""
TOKENS = "tokens"

FACET_FIELDS = {
    FacetDimension.PLATFORM: "platform",
    FacetDimension.REGION: "region",
    FacetDimension.STAGE: "stage",
    FacetDimension.GRADE: "grade",
    FacetDimension.SUBJECT: "subject",
    FacetDimension.KIND: "kind",
    FacetDimension.TEACHING_MODE: "mode",
    FacetDimension.CLASSROOM_KIND: "classroom",
    FacetDimension.LANGUAGE: "language",
    FacetDimension.LICENSE: "license",
    FacetDimension.ACCESS: "access",
    FacetDimension.YEAR: "year",
    FacetDimension.PROGRAM: "program",
}
TERM_FIELDS = ("key", "within", "edition", "delivery", "provider", "contributor", "name", "reviewed")
"""Whole values that are matched but not counted: the record's key, every tier that may see it, and so on."""
RANK_FIELDS = ("newest", "oldest", "starts", "used", "title_rank")
"""Sort keys, see `ranks`."""


@functools.cache
def index_format() -> int:
    """Number of what an index of this version looks like; one of another format is rebuilt.

    It changes with this module's own number, with the schema of a resource and with the vocabularies that are indexed.
    """
    tables = importlib.resources.files("schema").joinpath("data")
    words = [tables.joinpath(f"{scheme}.csv").read_text("utf-8") for scheme in ("stage", "grade", "subject", "edition")]
    shape = json.dumps(CatalogResource.model_json_schema(), sort_keys=True)
    return _FORMAT << 32 | zlib.crc32("\n".join((shape, *words)).encode())


def index_schema() -> Schema:
    """The schema of one index.

    `text` holds the tokens of everything searchable and decides what matches; `title`, `labels` and `people` repeat
    parts of it to weigh matches there; `chars` answers queries of one character. `region` has
    every region around a record, `place` the innermost, from which the others are counted. `published` and `begins`
    are seconds.
    """
    builder = SchemaBuilder()
    builder.add_text_field("text", tokenizer_name=TOKENS, index_option="freq")
    builder.add_text_field("title", tokenizer_name=TOKENS, index_option="position")
    builder.add_text_field("labels", tokenizer_name=TOKENS, index_option="freq")
    builder.add_text_field("people", tokenizer_name=TOKENS, index_option="freq")
    builder.add_text_field("chars", tokenizer_name=TOKENS, index_option="basic")
    for name in TERM_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACET_FIELDS.values():
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name != "region")
    builder.add_text_field("place", tokenizer_name="raw", index_option="basic", fast=True)
    for name in (*RANK_FIELDS, "published", "begins"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_bytes_field("doc", stored=True)
    return builder.build()


def register_tokenizer(index: Index) -> None:
    """Give an index that was just opened its tokenizer, which the files do not remember."""
    index.register_tokenizer(TOKENS, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    index.config_reader(reload_policy="manual")

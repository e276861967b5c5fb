"""The index's fields, and which of them answers which filter and facet."""

from tantivy import Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from gateway.catalog.query import FacetDimension

FORMAT = 1
"""Raise it with every change of fields, tokens, ranks or weights: an index of another format is rebuilt."""
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


def index_schema() -> Schema:
    """The schema of one index.

    `text` holds the tokens of everything searchable and decides what matches; `title`, `labels` and `people` repeat
    parts of it to weigh matches there; `chars` answers queries of one character. `published` and `begins` are seconds.
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
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (*RANK_FIELDS, "published", "begins"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_bytes_field("doc", stored=True)
    return builder.build()


def register_tokenizer(index: Index) -> None:
    """Give an index that was just opened its tokenizer, which the files do not remember."""
    index.register_tokenizer(TOKENS, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    index.config_reader(reload_policy="manual")

"""The common resource schema: words, vocabularies and validated records; floor 0, imports nothing of ours."""

"""Cross-platform search and completion."""

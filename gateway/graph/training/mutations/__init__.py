"""Actions on training records and credit, one to a module."""

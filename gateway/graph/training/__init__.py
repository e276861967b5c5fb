"""Shared training records: teachers, records, the credit bank and certificates."""

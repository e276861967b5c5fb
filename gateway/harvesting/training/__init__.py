"""Training records: rejects without personal data, pages that credit, and records that are no longer listed."""

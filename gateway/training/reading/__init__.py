"""What a principal may read: records, lists, ledger lines and transcripts."""

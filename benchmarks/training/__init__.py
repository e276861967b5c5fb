"""How fast records become hours, lines of the ledger and transcripts."""

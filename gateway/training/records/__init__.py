"""Records as they come in, are entered, corrected, reviewed and revoked."""

"""Usage: daily facts become rows, and what they said before is kept."""

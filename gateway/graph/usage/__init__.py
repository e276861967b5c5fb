"""Usage statistics and published figures."""

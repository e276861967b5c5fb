"""Live search: every platform's own search is asked now, under one deadline, and the answers are merged."""

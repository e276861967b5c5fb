"""Servers the suite talks to: those that answer on loopback, else its own, else a clear reason to skip."""

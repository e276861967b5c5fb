"""Sharing agreements between regions."""

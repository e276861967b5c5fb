"""Actions on sharing agreements, one to a module."""

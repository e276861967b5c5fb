"""Who may see and do what: keys, tokens, policies, agreements between regions, quotas and the audit log."""

from gateway.access.service import AccessService, open_access

__all__ = ["AccessService", "open_access"]

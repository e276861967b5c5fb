"""Who may see and do what: keys, tokens, policies, agreements between regions, quotas and the audit log."""

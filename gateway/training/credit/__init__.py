"""The credit bank: rules, conversion, the ledger, and what other regions say of its lines."""

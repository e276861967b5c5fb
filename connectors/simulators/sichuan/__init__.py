"""四川云教: one GraphQL address, Relay connections and page-number lists, errors beside data under HTTP 200."""

"""Where past conversations are found: the list, its filters, search, views, marks of review."""

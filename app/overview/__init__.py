"""The first page: what there is, what was found, what to look at next."""

"""Comparing runs: which, the verdict in words and numbers, parts of the query set."""

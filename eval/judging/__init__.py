"""Judgments people make: kept row by row, merged into query sets, weighed against one another and against the gaps."""

"""Judging: the desk, its files, raters beside each other, scores with what is missing."""

"""Diagnosis: curves over growing galleries, towers and their fusion."""

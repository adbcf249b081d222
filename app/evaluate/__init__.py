"""Evaluations: starting them, stored runs and their numbers, the report's figures beside them."""

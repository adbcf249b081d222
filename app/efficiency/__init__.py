"""Efficiency: what models cost to run, and the quality they bring for it."""

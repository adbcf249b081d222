"""Matching two shops: thresholds, prices, probability, labels."""

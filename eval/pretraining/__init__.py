"""Trains the two small bundled encoders, mini-ruclip and mini-clip, from drawn pictures and their keywords."""

"""Draws the bundled embroidery catalogue: motifs, stitches, captions."""

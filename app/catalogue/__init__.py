"""Catalogues: bringing them in, looking through them."""

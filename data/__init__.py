"""What is searched and what counts as right: catalogues, pictures, queries, judgments; no model is known here."""

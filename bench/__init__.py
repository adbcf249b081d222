"""Speed, honestly: each file answers one question with ratios measured side by side in one run."""

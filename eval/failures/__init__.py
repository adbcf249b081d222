"""Why queries fail: what is observed of each, the causes that follow from it, and what they add up to."""

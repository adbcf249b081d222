"""Fine-tuning: starting it, its curves, what it brought."""

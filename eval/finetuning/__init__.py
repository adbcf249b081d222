"""Fine-tuning: projection heads on cached features, or whole towers; one recipe, one loop, one kind of result."""

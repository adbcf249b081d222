"""Classification: probes, their tables, the confusion matrix, a photo's category."""

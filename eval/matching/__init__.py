"""Two shops matched by cosine: blocks, truth, thresholds, probability, prices; the task is eval/tasks/matching.py."""

"""What a model costs to run: measured in a process of its own, beside what else the machine was doing."""

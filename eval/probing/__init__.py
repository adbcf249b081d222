"""Category from features: parts that keep designs together, classifiers, scores with intervals, search within."""

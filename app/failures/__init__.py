"""Why queries fail: causes, hubs, the dark catalogue, what helps."""

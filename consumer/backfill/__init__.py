"""The topic's past, sent once more beside the consumer that runs: under a group of its own, at a share of the rate."""

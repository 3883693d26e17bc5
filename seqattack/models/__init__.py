"""What all models share: loading, encoding, batching, scheduling, training."""

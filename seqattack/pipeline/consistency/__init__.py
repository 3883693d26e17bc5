"""What a configuration's keys must agree on, which its schema cannot say."""

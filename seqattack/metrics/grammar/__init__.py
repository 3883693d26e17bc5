"""Grammar errors in tokenized texts."""

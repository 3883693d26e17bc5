"""Grammar errors of a tokenized text."""

"""The pages: thin functions that turn a request into a template's values."""

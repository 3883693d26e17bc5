"""The pages: thin functions that turn a request into the values of a template."""

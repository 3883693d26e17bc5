"""Attack recipes, one module a family."""

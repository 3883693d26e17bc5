"""Files from outside: where they come from, and how they are fetched, checked and kept."""

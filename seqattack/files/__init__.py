"""Files from outside: what they are, how they are fetched, checked and kept."""

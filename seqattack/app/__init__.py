"""The web application: inspect adversarial examples, pick some, try attacks, compare runs."""

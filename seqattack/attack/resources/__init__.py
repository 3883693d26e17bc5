"""What recipes need besides the victim, one module a resource; open to other packages."""

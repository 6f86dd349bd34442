"""Tasks that do not depend on each other, in turn or in several processes at the same time."""

"""Programs that the parts start as processes beside or below their own."""

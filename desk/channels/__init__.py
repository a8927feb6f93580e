"""Ways in which people write to the desk."""

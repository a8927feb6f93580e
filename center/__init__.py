"""The center's own facts: center.yml, checked, and its opening hours."""

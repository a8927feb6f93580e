"""Measures this assistant: its speed beside the stock one, and how well it understands."""

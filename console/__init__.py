"""The staff's side: reads what the desk has logged."""

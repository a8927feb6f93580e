"""The front desk: faces visitors, one turn from end to end."""

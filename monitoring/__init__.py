"""What every process says of itself: log lines, the trace id of a turn, figures."""

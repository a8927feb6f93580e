"""The desk's figures, and the port on which Prometheus asks for those of all processes."""

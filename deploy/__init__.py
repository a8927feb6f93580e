"""What puts the assistant on a server."""

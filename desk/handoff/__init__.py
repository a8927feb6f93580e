"""Handing over to staff: what a waiting person is told, and how staff's words reach them."""

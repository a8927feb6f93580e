"""Try it without an account: a pretend Twilio and a pretend Slack inside the desk, with two pages.

They sign what they send and check what they are sent, as the platforms do, and speak with the real
endpoints of the desk over HTTP. Everything is kept in memory, and served to this machine alone.
"""

from desk.channels.simulator.addresses import routes

__all__ = ["routes"]

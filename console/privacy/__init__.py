"""What an administrator answers for: the audit, persons' data, how long it is kept."""

from console.privacy.routes import routes

__all__ = ["routes"]

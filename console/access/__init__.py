"""Who may enter the console and do what: sign-in, second factor, sessions, roles.

For pages: mark every handler with `@may("permission")` (or `@signed_in`), ask `current(request)`
who it is, and answer with `console.rendering.page`. A handler without a mark is closed to all.
"""

from console.access.marks import current, may, public, signed_in, still_open
from console.access.roles import PERMISSIONS, ROLES, Staff

__all__ = ["PERMISSIONS", "ROLES", "Staff", "current", "may", "public", "signed_in", "still_open"]

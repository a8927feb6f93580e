"""What can be wrong when staff enter, and what to do about it."""

from __future__ import annotations

FORM_OUT_OF_DATE = "This form is out of date. Nothing was changed. Open the page again."
ROLE = "Your role, {role}, does not allow this. An administrator can change roles."
NOTHING_HERE = "There is nothing here."

NOT_KNOWN = (
    "Email and password do not fit together, or there is no open account of that email. "
    "Check both and try again."
)
TOO_MANY = "Too many tries. Wait 15 minutes, then try again."
NOT_YOURS = "This is not your password. Try again."
WRONG_CODE = "This code is not right, or was used before. Wait for the next one and type that."
WRONG_RECOVERY = "This recovery code is not right, or was used before. Try another one."

NAME = "Type the name that visitors will see, up to 80 characters."
EMAIL = "Type your email address, such as ana@example.org."
EMAIL_TAKEN = "There is an account of this email already. Sign in, or use another email."
TOO_SHORT = "Use at least 12 characters; several words do well."
TOO_LONG = "Use at most 128 characters."
TOO_EASY = "This would be guessed soon. Leave out names, common words and rows of keys."
NO_ROLE = "Choose a role."
NO_PRESENCE = "Choose available, away or on a call."

LINK_OVER = (
    "This link was used, or has run out. Ask an administrator for a new one. For the very first "
    "account start the assistant again: it prints a new link."
)
LAST_ADMINISTRATOR = (
    "This is the last administrator. Make somebody else administrator first, or nobody could "
    "administer accounts."
)
NO_KEY = (
    "The second factor of this account cannot be read: the file console.keys was changed. Ask an "
    "administrator to reset the second factor, or run `make reset-staff EMAIL=...`."
)
"""Shown when the key that encrypts second factors is not the one that they were encrypted with."""

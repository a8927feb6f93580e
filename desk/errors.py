"""What can go wrong at the desk, and what to do about it."""

from __future__ import annotations


class SettingsError(ValueError):
    """A setting that cannot be used; the message names place, key and remedy."""


class BrainError(RuntimeError):
    """The brain did not answer as agreed; the message holds nothing of what was sent."""


class NotTakenError(RuntimeError):
    """A message could be put neither in the log nor in the spill file."""


class BusyError(RuntimeError):
    """Too many messages of one conversation wait already."""


class UnknownButtonError(ValueError):
    """A button that this conversation was never offered."""


UNKNOWN_SETTING = "{place}: `{key}` is not known. `python -m desk.main --help` lists the settings."
WRONG_SETTING = "{place}: `{key}` must be {wanted}."
NOT_SHARED = (
    "{file}: the token that desk and brain share is missing or empty. Run `make setup`, which "
    "makes it."
)
NO_KEYS = "{file}: the signing keys cannot be read: every line must be 64 hexadecimal digits."
RESTORE_UNFINISHED = (
    "A backup was put back, but not to the end: somebody who was erased may be in the database. "
    "Run `make restore FILE=...` again, with the same backup."
)
PORT_TAKEN = (
    "{name}: port {port} on {host} is taken by another program. End that program, or choose "
    "another port: {variable}=NUMBER make run."
)
NO_ADDRESS = "{name}: this machine has no address {host} (IOP_HOST). Use 127.0.0.1 or 0.0.0.0."
CREDENTIALS_MISSING = "credentials.yml is missing: it names the channels. Restore it."
CREDENTIALS_NOT_YAML = "credentials.yml: this is not YAML. Mend it and start again."
BUILT_IN_CHANNEL = (
    "credentials.yml: `{key}` is a built-in channel of Rasa. It would pass by the desk, unsigned "
    "and unscreened for risk. Remove it; channels are set under `{ours}`."
)
WRONG_ORIGIN = (
    "credentials.yml, web.origins: `{origin}` must be a website's address without a path, such as "
    "https://www.example.org."
)
UNKNOWN_TOPIC = (
    "center.yml: `handoff.topics` names `{topic}`, which is no intent{hint}. docs/intents.md lists "
    "them all."
)
MISSING_LINE = "answers/: the desk needs the answer `{id}`, which is not there: restore it."

SMS_NO_URL = (
    "credentials.yml: `sms` needs the address by which Twilio reaches the desk, since that is part "
    "of what Twilio signs. Set IOP_PUBLIC_URL, such as https://help.example.org."
)
REFERENCE = " If you tell us of this, please say the reference {reference}."
BRAIN_SILENT = "no answer within {limit:.1f} s"
BRAIN_GONE = "no connection"
BRAIN_STATUS = "status {status}"
BRAIN_SHAPE = "an answer that does not keep to the contract: {field}"
HALF_SCREEN = (
    "The meaning layer of the risk screen is missing, so messages without a finding count as "
    "unscreened: run `make train`, or set `detection: rules` in center.yml."
)
ALERTS_MISSING = (
    "{file}: this file cannot be read. Restore it, or leave IOP_ALERTS_FILE empty to use "
    "alerts.yml beside center.yml."
)
ALERTS_NOT_YAML = "{file}, line {line}: {problem}. Mend the line and start again."
ALERTS_WRONG = "{file}: the key `{key}` cannot be used. Remedy: {remedy}."
ALERTS_USER_ALONE = "give both `user` and `password_from`, or neither"
ALERTS_IN_THE_OPEN = (
    "choose starttls or tls; a password goes unencrypted only to a server on this machine"
)
ALERTS_ONE_URL = "give either `url` or `url_from`"
ALERTS_NO_URL = "a web address such as https://alerts.example.org/hook, without a password in it"
ALERTS_PLAIN_HTTP = "use https://, or write `plain_http: true` for a network of your own"
ALERTS_NOT_FOUND = "set the variable {name}, or write the secret into {folder}/{name}"
ALERTS_ONE_WAY = "give one of `email`, `webhook` and `apprise`"
ALERTS_NO_SERVICE = (
    "what it names is no address of a service that Apprise knows, such as slack://...; "
    "docs/operations.md says where they are listed"
)
ALERTS_INCOMPLETE = (
    "Apprise knows the service, but the address is not whole; docs/operations.md says where the "
    "forms are listed"
)
ALERTS_UNVERIFIED = "leave out `verify=no`: a server elsewhere must prove who it is"
ALERTS_PLAIN_SERVICE = (
    "use the encrypted form of the address (jsons:// for json://), or write `plain_http: true` "
    "for a network of your own"
)
ROTA_UNKNOWN_PLACE = (
    "{center}: the key `rota` names the place `{place}`, which {file} does not have{hint}. "
    "Remedy: name it under `places` there, or change the rota."
)
NO_PLACE_FOR_CRISES = (
    "{file}: nobody is told of a crisis at once {when}. Remedy: add `crisis` to the `kinds` of a "
    "place that is told then."
)
NO_PLACE_FOR_DRILLS = (
    "{file}: no place is told of drills, so the daily drill would try nothing. Remedy: add `drill` "
    "to the `kinds` of a place, or set `drill_at: off`."
)

"""What can go wrong before the first message, and what to do about it."""

from __future__ import annotations

NO_PYTHON = (
    "No Python {wanted} found on this machine, under pyenv, or to be fetched by uv. "
    "Install it (for instance `{command}`) and run the command again."
)
INSTALL_FAILED = (
    "Installing {name} failed (see above). Check that this machine reaches a package index, "
    "then run the command again."
)
NEEDS_TENSORFLOW = (
    "config.yml names a component of Rasa's that needs TensorFlow, which a server is spared. Take "
    "the component out, or delete requirements/brain-server.txt: then the server installs "
    "TensorFlow, too, which takes 2 GB more of its disk."
)
PORT_TAKEN = (
    "Port {port} on {address} is taken by another program. Stop it, or choose another port: "
    "`{variable}={other} make run`."
)
TRAINING_FAILED = "Training failed; its own words are in {file}."
NO_MODEL = "There is no model: run `make train` first; on a server, `make deploy-server` again."
ENDED_EARLY = "{name} ended by itself (exit code {code}); see {file}."
BRAIN_RESTS = (
    "Memory is short: the brain rests while a new model is made. Visitors get the safe reply "
    "meanwhile, and crisis resources as ever."
)
MISSING_PACKAGES = (
    "These system packages are missing: {packages}. Install them and run `make test` again:\n"
    "  sudo apt-get update && sudo apt-get install -y --no-install-recommends {packages}"
)
NOT_READY = "{name} did not get ready; its own words are in state/logs/{file}."
NO_ACCOUNT = (
    "There is no open account of that email. Give the one that signs in: `make reset-staff "
    "EMAIL=ana@example.org`. While there is no administrator at all, `make run` prints a link that "
    "opens an account."
)

BACKUP_MADE = (
    "Backup: {file}, {size}. It opens with the keys that are in store.keys now, and without them "
    "for nobody: keep store.keys and identity.key too, in another place than the backup."
)
BACKUPS_DELETED = (
    "Deleted: {count} files of backups and replaced databases, older than {days} days (center.yml)."
)
BACKUP_BUSY = "Another process makes a backup or restores one. Wait until it has ended."
NO_DATABASE = "There is no database yet: `make run` makes one."
NOT_COPIED = "The database could not be copied: {kind}. Is there room on the disk?"
NO_PROGRAM = (
    "{name} is missing. Install the programs of PostgreSQL, not older than your server: `sudo "
    "apt-get install postgresql-client`."
)
DUMP_FAILED = "pg_dump failed (exit code {code}): {words}"
NO_FILE = "Which backup? `make restore FILE=state/backups/iop-20270131-020000.backup`."
STILL_RUNS = "The assistant runs ({where}): stop it, and run the command again."
NO_SERVER = (
    "PostgreSQL cannot be reached (DATABASE_URL): {kind}. Does the server run, are user, password "
    "and name right?"
)
OTHER_KIND = (
    "The backup is of {kind}, and the database is on {there}. Set DATABASE_URL to a database of "
    "the same kind."
)
NOT_TO_THE_END = (
    "The restore did not come to its end: mend what is said here and run the command again, with "
    "the same backup."
)
NOT_WHOLE = "The database in the backup is not whole. Take another backup."
NOT_TAKEN = (
    "PostgreSQL did not take the backup; the database is as it was. Is the server older than the "
    "one of the backup? May the user make and drop tables?"
)
RESTORED = (
    "Restored: the backup of {at}. {count} conversations that were erased since are erased again."
)
PUT_ASIDE = (
    "What was there before is in {file}. `make backup` deletes it when its time is over; delete it "
    "sooner if you do not need it."
)
FILES_PUT = "Put back, since they were missing: {files}."
FILES_OUT_OF_REACH = (
    "Missing, and not put back, since only root may write there: {files}. Answers come with the "
    "release; make settings and secrets anew."
)
FILES_OTHER = "Left as they are, and not as they were in the backup: {files}."
ERASURES_UNKNOWN = (
    "ATTENTION: the database that was there cannot be read. Nobody here knows who was erased after "
    "{at}: erase these persons again (Console, Privacy) before visitors come."
)
AFTER_RESTORE = (
    "Accounts and roles of staff are those of the backup, all are signed out: look at them under "
    "Accounts after the start."
)

PROBE_SILENT = "The desk did not answer within {seconds:.0f} seconds."
PROBE_NOT_READY = "Not ready within {{seconds:.0f}} seconds: {parts}."
PROBE_STATUS = "The question “{text}” was answered with status {status}."
PROBE_NO_ANSWER = "The question “{text}” got no answer, but: {said}."
PROBE_WRONG = "The question “{text}” was understood as {found} instead of {wanted}."
PROBE_NOT_LOGGED = "A question was answered, but is not in the log."
PROBE_NO_RESOURCES = "A message of risk was not answered with crisis resources."
TRIAL_NO_DATABASE = (
    "A release is tried on a copy of the database, which cannot be made: {kind}. Let PostgreSQL's "
    "user make databases, as its administrator: ALTER ROLE {user} CREATEDB;"
)
TRIAL_LOST = "The way back would lose rows of these tables: {tables}."
TRIAL_NO_MODEL = "The release has no model."
TRIAL_NOT_READY = "With a copy of the database the {name} did not start. Its last words:\n{words}"

EXIT_REFUSED = 2
"""The exit code of a process that must not be started again before somebody mends its settings."""

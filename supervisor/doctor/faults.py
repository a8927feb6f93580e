"""All faults that the doctor knows: what is said of each, and what to do about it."""

from __future__ import annotations

from supervisor.doctor.finding import Fault, Level

_BROKEN, _WARNING, _NOTE = Level.BROKEN, Level.WARNING, Level.NOTE

# The command itself.
UNSEEN = Fault(
    "not-looked-at",
    _WARNING,
    "Could not be looked at: {subject} ({why}).",
    "Run it again as root or as the user of the assistant. If it stays, report it with this line.",
)
SETTINGS = Fault(
    "settings",
    _BROKEN,
    "The settings cannot be used. {problem}",
    "Mend the setting that is named (docs/operations.md, Settings), and run `make doctor` again: "
    "nothing else was looked at. Where permission is denied, run it with sudo.",
)

# Ports and processes.
DESK_SILENT = Fault(
    "desk-silent",
    _BROKEN,
    "The desk does not answer on port {port}: nobody can reach the assistant.",
    "Start it: `sudo systemctl start iop-desk`, or `make run`. If it ends again, its last lines "
    "say why: `journalctl -u iop-desk -n 50`.",
)
PORT_TAKEN = Fault(
    "port-taken",
    _BROKEN,
    "Port {port} is taken by another program ({program}).",
    "End that program, or choose another port with {variable}, and start the desk again.",
)
DESK_OPEN = Fault(
    "desk-open",
    _BROKEN,
    "The visitors' port {port} is reached from outside without TLS (it listens on {address}).",
    "Set IOP_HOST=127.0.0.1, put the proxy with TLS in front, and start the desk again.",
)
CONSOLE_SILENT = Fault(
    "console-silent",
    _BROKEN,
    "The staff's page does not answer on port {port}.",
    "It is served by the desk: `sudo systemctl restart iop-desk`, then look at its last lines.",
)
CONSOLE_OPEN = Fault(
    "console-open",
    _BROKEN,
    "The staff's port {port} is reached from outside, past the proxy (it listens on {address}).",
    "Let nothing but 127.0.0.1 listen on it: end the program that forwards it ({program}), and "
    "close the port in the firewall.",
)
BRAIN_SILENT = Fault(
    "brain-silent",
    _BROKEN,
    "The brain does not listen on port {port}: visitors get the safe reply alone.",
    "`sudo systemctl restart iop-brain`; its own words are in logs/brain.log of the state folder.",
)
BRAIN_OPEN = Fault(
    "brain-open",
    _BROKEN,
    "The brain's port {port} is reached from outside (it listens on {address}).",
    "It must listen on 127.0.0.1 alone: start it with `make run` or iop-brain.service, not by hand "
    "with other addresses, and close the port in the firewall.",
)
METRICS_OPEN = Fault(
    "metrics-open",
    _WARNING,
    "The port of the figures, {port}, is reached from outside (it listens on {address}).",
    "Let it listen on 127.0.0.1 alone, or close it in the firewall to all but your Prometheus.",
)
BRAIN_NOT_READY = Fault(
    "brain-not-ready",
    _BROKEN,
    "The desk says that the brain is not ready: visitors get the safe reply alone.",
    "Wait a minute after a start. Then `sudo systemctl restart iop-brain`, and look whether both "
    "use the same brain.token (IOP_BRAIN_TOKEN_FILE).",
)
NOT_WRITABLE = Fault(
    "database-not-writable",
    _BROKEN,
    "The desk says that the database takes no writes: messages wait in the spill file.",
    "Look at the disk and at the owner of the files (both are looked at here, too); with "
    "PostgreSQL, whether the server runs.",
)
MODEL_OTHER = Fault(
    "model-other",
    _WARNING,
    "The brain answers with another model than {wanted}, which should be in use.",
    "`sudo systemctl restart iop-brain`, or end `make run` and start it again.",
)
FILES_FEW = Fault(
    "open-files",
    _WARNING,
    "The desk may open {limit} files and connections, and needs {needed}.",
    "Raise the limit: LimitNOFILE={needed} in iop-desk.service, or `ulimit -n {needed}` before "
    "`make run`; start it again.",
)

# The clock.
CLOCK_UNKEPT = Fault(
    "clock-unkept",
    _WARNING,
    "Nothing keeps the clock of this machine right.",
    "`sudo timedatectl set-ntp true`, or install chrony or systemd-timesyncd.",
)
CLOCK_OFF = Fault(
    "clock-off",
    _BROKEN,
    "The clock is wrong by {seconds} s, as {host} has it: codes of staff's phones fail, and so do "
    "signatures of Twilio and Slack.",
    "Set it and have it kept: `sudo timedatectl set-ntp true`; then `timedatectl` shows it.",
)

# Certificates and names.
CERTIFICATE_UNSERVED = Fault(
    "certificate-unserved",
    _BROKEN,
    "Nobody serves HTTPS under {url} ({why}).",
    "Look at the proxy: `sudo nginx -t`, `sudo systemctl status nginx`; open port {port} in the "
    "firewall.",
)
CERTIFICATE_EXPIRED = Fault(
    "certificate-expired",
    _BROKEN,
    "The certificate of {host} has ended on {day}: browsers refuse the page.",
    "`sudo certbot renew`, then `sudo systemctl reload nginx`. If it fails, port 80 must be open "
    "and the name must lead to this machine.",
)
CERTIFICATE_ENDING = Fault(
    "certificate-ending",
    _WARNING,
    "The certificate of {host} ends on {day}, in {days} days: renewing it has failed.",
    "`sudo certbot renew --dry-run` says why; `sudo systemctl enable --now certbot.timer` has it "
    "done by itself.",
)
CERTIFICATE_NAME = Fault(
    "certificate-name",
    _BROKEN,
    "The certificate that is served under {host} is for {names}.",
    "Have one made for the name: `sudo make deploy-server DOMAIN=... CONSOLE=...` again, with the "
    "right names; or mend {setting}, if that name is wrong.",
)
CERTIFICATE_UNTRUSTED = Fault(
    "certificate-untrusted",
    _BROKEN,
    "The certificate of {host} is not trusted ({why}).",
    "Serve the whole chain (fullchain.pem, not cert.pem), from an authority that browsers know. "
    "With an authority of your own, name its file in SSL_CERT_FILE here.",
)
CERTIFICATE_FILE = Fault(
    "certificate-file",
    _BROKEN,
    "The proxy names {file}, which is not there: it will not start again.",
    "`sudo certbot certificates` lists what there is; `sudo make deploy-server DOMAIN=... "
    "CONSOLE=...` again makes what is missing.",
)
CERTIFICATE_KEY = Fault(
    "certificate-key",
    _BROKEN,
    "The key of the certificate, {file}, can be read by everybody on this machine.",
    "`sudo chmod 600 {file}`; have a new certificate made if others use this machine.",
)
NAME_UNKNOWN = Fault(
    "name-unknown",
    _BROKEN,
    "The name {host} is not known to the DNS.",
    "Add an A record for it, with the address of this server, where you have bought the domain. It "
    "can take an hour.",
)
NAME_ELSEWHERE = Fault(
    "name-elsewhere",
    _WARNING,
    "The name {host} leads to {address}, where this desk does not answer.",
    "Mend the A and AAAA records of the name. Behind a router, forward ports 80 and 443 to this "
    "machine.",
)
HOST_UNKNOWN = Fault(
    "host-unknown",
    _BROKEN,
    "{host} is not known to the DNS; it is needed for {purpose}.",
    "Look whether the name is right there, and whether this machine has a name server: "
    "`resolvectl query {host}`.",
)
HOST_UNREACHABLE = Fault(
    "host-unreachable",
    _BROKEN,
    "{host} is not reached on port {port}; it is needed for {purpose}.",
    "Let the firewall pass connections to it, or mend name and port where {purpose} is set up.",
)

# Files.
STATE_MISSING = Fault(
    "state-missing",
    _BROKEN,
    "The state folder {folder} is not there.",
    "Set IOP_STATE to the folder of your data. On a new machine the first start makes it.",
)
STATE_OPEN = Fault(
    "state-open",
    _BROKEN,
    "The state folder can be entered by others than its owner (mode {mode}).",
    "`sudo chmod 700 {file}`",
)
FILE_OPEN = Fault(
    "file-open",
    _BROKEN,
    "{file} can be read or changed by others than its owner (mode {mode}).",
    "`sudo chmod 600 {file}`",
)
SECRET_OPEN = Fault(
    "secret-open",
    _BROKEN,
    "{file} holds secrets and can be read by everybody on this machine (mode {mode}).",
    "`sudo chmod o-rwx {file}`; change the secret if others use this machine.",
)
OWNER_OTHER = Fault(
    "owner-other",
    _BROKEN,
    "{count} files in the state folder do not belong to its owner {owner}, such as {file}: the "
    "assistant may not be able to write them.",
    "`sudo chown -R {owner}: {folder}`; run commands as that user, not as root.",
)
SETTINGS_WRITABLE = Fault(
    "settings-writable",
    _WARNING,
    "{file} can be changed by the assistant itself or by everybody: whoever breaks in could.",
    "`sudo chown root {file}` and `sudo chmod go-w {file}`",
)

# Keys.
KEYS_MISSING = Fault(
    "keys-missing",
    _BROKEN,
    "store.keys is missing: no message in the database can be read.",
    "Put back the copy of store.keys that belongs to this database, before anything is started: a "
    "start would make other keys.",
)
KEYS_WRONG = Fault(
    "keys-wrong",
    _BROKEN,
    "{file} holds no keys: every line must be 64 hexadecimal digits.",
    "Put back its copy. {else_}",
)
KEYS_OTHER = Fault(
    "keys-other",
    _BROKEN,
    "store.keys does not open the words in the database: it is the file of another one.",
    "Stop the assistant, put back the copy of store.keys that belongs to this database, and start.",
)
KEYS_HALF_ROTATED = Fault(
    "keys-half-rotated",
    _WARNING,
    "Keys of {count} persons are still under an older master key.",
    "Run `make rotate-keys` again, to its end; then copy store.keys to another place.",
)
IDENTITY_MISSING = Fault(
    "identity-missing",
    _BROKEN,
    "identity.key is missing: nobody is found again by their phone number or user id.",
    "Put back its copy; a new one makes everybody a stranger, and those who said STOP are texted.",
)
CONSOLE_KEYS_MISSING = Fault(
    "console-keys-missing",
    _BROKEN,
    "console.keys is missing: no second factor of staff can be read, nobody can sign in.",
    "Put it back from the newest backup (`make restore` puts back what is missing). Without one: "
    "`make reset-staff EMAIL=...`.",
)
WEB_KEYS_MISSING = Fault(
    "web-keys-missing",
    _WARNING,
    "web.keys is missing: visitors cannot go on with their conversations.",
    "Put it back from the newest backup; the next start makes a new one.",
)
TOKEN_MISSING = Fault(
    "token-missing",
    _BROKEN,
    "{file}, the token that desk and brain share, is missing or empty.",
    "Run `make setup`, which makes it, and start both again.",
)
KEYS_COPY = Fault(
    "keys-copy",
    _NOTE,
    "Keep copies of store.keys and identity.key: no backup holds them.",
    "Copy both to another machine or a safe, and again after each `make rotate-keys`.",
)

# What is said.
CENTER_WRONG = Fault(
    "center-wrong",
    _BROKEN,
    "{problem}",
    "Mend center.yml as it says (docs/center.md), and start the desk again.",
)
DEMO_PUBLIC = Fault(
    "demo-public",
    _BROKEN,
    "Example facts are on (IOP_DEMO) although people reach the desk under {url}.",
    "Set IOP_DEMO=0 and your own facts in center.yml, and start the desk again.",
)
FACTS_UNSET = Fault(
    "facts-unset",
    _WARNING,
    "Facts of the center are not set that {count} answers would tell: {names}.",
    "Set them in center.yml, or in the console under Facts. Until then visitors are told to ask.",
)
ANSWERS_WRONG = Fault(
    "answers-wrong",
    _BROKEN,
    "{problem}",
    "Mend the file in answers/, or put back the release's own.",
)
TEXTS_DRAFTS = Fault(
    "texts-drafts",
    _WARNING,
    "{count} of {all} texts are said that nobody has approved.",
    "`make answers` prints them for a clinician; approve them in the console under Answers.",
)
TEXTS_SILENT = Fault(
    "texts-silent",
    _WARNING,
    "{count} texts are not said, because nobody has approved them: {names}.",
    "Approve them in the console under Answers, or set `speak_drafts: true` in center.yml.",
)
TEXTS_OVERDUE = Fault(
    "texts-overdue",
    _WARNING,
    "The day is past by which {count} texts and facts were to be looked at again: {names}.",
    "Look at them in the console under Answers or Facts, and publish them with a new day.",
)
RESOURCES_STALE = Fault(
    "resources-stale",
    _WARNING,
    "Crisis lines that nobody has checked for {days} days: {names}.",
    "Call or look up each, correct it, and set `checked` in data/safety (docs/safety.md); or "
    "`make upgrade`, if a release has done so.",
)

# Telling staff.
ALERTS_WRONG = Fault(
    "alerts-wrong",
    _BROKEN,
    "{problem}",
    "Mend alerts.yml as it says (docs/operations.md, Alerts): the desk does not start with it.",
)
NOBODY_TOLD = Fault(
    "nobody-told",
    _BROKEN,
    "alerts.yml names no place: nobody is called in a crisis.",
    "Name a place under `places` in alerts.yml (docs/operations.md, Alerts), restart the desk, and "
    "try it: `.venv/desk/bin/python -m desk.drill`.",
)
PLACE_FAILING = Fault(
    "place-failing",
    _BROKEN,
    "Alerts do not reach `{place}` for {age} ({why}).",
    "Look at its address and password in alerts.yml and secrets/, and at the service itself; then "
    "`.venv/desk/bin/python -m desk.drill`.",
)
DRILL_FAILED = Fault(
    "drill-failed",
    _BROKEN,
    "The last drill of the alarm failed: {why}.",
    "Mend what it names, then run one: `.venv/desk/bin/python -m desk.drill`.",
)
DRILL_OLD = Fault(
    "drill-old",
    _WARNING,
    "No drill of the alarm has ended for {age}, although alerts.yml wants one each day.",
    "Run one: `.venv/desk/bin/python -m desk.drill`. It is the desk that does so daily: does it "
    "run?",
)
ALERTS_OPEN = Fault(
    "alerts-open",
    _BROKEN,
    "{count} alerts of the kind {kind} are open, the oldest for {age}.",
    "Open the alerts page and answer them. If nobody was called, look at the rota in center.yml.",
)
NOTICES_WAIT = Fault(
    "notices-wait",
    _BROKEN,
    "{count} notices of the kind {kind} have not reached staff, the oldest for {age}.",
    "The alerts page names the place that fails. Does the desk run?",
)
DELIVERIES_WAIT = Fault(
    "deliveries-wait",
    _BROKEN,
    "{count} messages to people wait to be sent by {channel}, the oldest for {age}.",
    "`make channels` says whether the account is right. Does the desk run?",
)
ARRIVALS_WAIT = Fault(
    "arrivals-wait",
    _BROKEN,
    "{count} messages of people have come and were not answered, the oldest for {age}.",
    "Does the desk run? `sudo systemctl restart iop-desk`, then look at its last lines.",
)
SPILL_WAITS = Fault(
    "spill-waits",
    _BROKEN,
    "Messages wait in a spill file beside the database.",
    "Start the desk: it puts them into the log by itself. If it runs, look at disk and database.",
)
SPILL_LOCKED = Fault(
    "spill-locked",
    _BROKEN,
    "spill.locked.jsonl holds entries that no key in store.keys opens.",
    "Put the older key back into store.keys as its first line, stop the desk, append the file to "
    "spill.jsonl, delete it, and start.",
)

# Backup.
BACKUP_NONE = Fault(
    "backup-none",
    _BROKEN,
    "There is no backup.",
    "`make backup`, and have it done daily: `sudo systemctl enable --now iop-backup.timer`.",
)
BACKUP_OLD = Fault(
    "backup-old",
    _BROKEN,
    "The newest backup is {hours} hours old.",
    "`make backup` says what keeps it from being made; `systemctl status iop-backup.timer`.",
)
BACKUP_UNREADABLE = Fault(
    "backup-unreadable",
    _BROKEN,
    "The newest backup cannot be used. {problem}",
    "`make backup` now, and look at the disk. Keep the store.keys of the time of each backup.",
)
BACKUP_KEPT = Fault(
    "backup-kept",
    _WARNING,
    "{count} backups are older than the {days} days for which words may be kept.",
    "`make backup` deletes them in the state folder; delete copies elsewhere yourself.",
)
RESTORE_UNFINISHED = Fault(
    "restore-unfinished",
    _BROKEN,
    "A backup was put back, but not to the end: somebody who was erased may be in the database.",
    "Run `make restore FILE=...` again, with the same backup; until then the desk does not start.",
)

# The database.
DATABASE_MISSING = Fault(
    "database-missing",
    _BROKEN,
    "There is no database.",
    "On a new machine the first start makes it. Otherwise look at IOP_STATE and DATABASE_URL, or "
    "restore a backup.",
)
DATABASE_UNREADABLE = Fault(
    "database-unreadable",
    _BROKEN,
    "The database cannot be read. {problem}",
    "Stop the assistant, copy the file, and restore the newest backup: `make restore FILE=...`.",
)
DATABASE_DAMAGED = Fault(
    "database-damaged",
    _BROKEN,
    "The database is damaged, in {count} places or more, as SQLite's own check says.",
    "Stop the assistant, copy the file, and restore the newest backup: `make restore FILE=...`. "
    "Look at disk and memory of the machine.",
)
DATABASE_LOOSE = Fault(
    "database-loose",
    _WARNING,
    "{count} rows of the database refer to rows that are gone (tables {tables}).",
    "Something else has written to the database. Look who can; restore a backup if it matters.",
)
DATABASE_SLOW = Fault(
    "database-unchecked",
    _NOTE,
    "The database is so large that it was not checked to its end in {seconds} s.",
    "Nothing is wrong. `sqlite3 desk.db 'PRAGMA integrity_check'` on a restored backup does it.",
)
DATABASE_FORM = Fault(
    "database-form",
    _WARNING,
    "The database has the form {there}, and this release needs {wanted}.",
    "The next start of the desk brings an older form up to date: `sudo systemctl restart "
    "iop-desk`. A newer form needs the newer release.",
)
AUDIT_CHANGED = Fault(
    "audit-changed",
    _BROKEN,
    "The record of what staff did was changed: {problem}.",
    "Read docs/breach.md before anything else; `make audit` names every row.",
)
POSTGRES_AWAY = Fault(
    "postgres-away",
    _BROKEN,
    "PostgreSQL cannot be reached or used. {problem}",
    "Does the server run? Are user, password and name in DATABASE_URL right?",
)
POSTGRES_OLD = Fault(
    "postgres-old",
    _WARNING,
    "PostgreSQL {version} gets no more fixes.",
    "Move the database to a version that does (https://www.postgresql.org/support/versioning/).",
)
POSTGRES_TOOLS = Fault(
    "postgres-tools",
    _BROKEN,
    "No backup can be made: pg_dump {there}, and the server is {version}.",
    "`sudo apt-get install postgresql-client-{version}`",
)

# The machine.
DISK_FULL = Fault(
    "disk-full",
    _BROKEN,
    "Only {free} GB of {size} GB are free on the disk of the state folder.",
    "`sudo du -xh --max-depth=2 /var | sort -h | tail` shows what is large; move copies of backups "
    "and old logs away, or enlarge the disk.",
)
MEMORY_LOW = Fault(
    "memory-low",
    _WARNING,
    "Only {free} MB of memory are free, and {needed} are needed.",
    "`ps aux --sort=-rss | head` shows who takes it; add memory or swap, or end other services.",
)
MODEL_MISSING = Fault(
    "model-missing",
    _BROKEN,
    "There is no trained model: only the safe reply can be given.",
    "`make train`, then start the brain again.",
)
MODEL_OLD = Fault(
    "model-old",
    _WARNING,
    "The model was not trained from the present data and code.",
    "`make train`, then start the brain again.",
)
ENCODER_MISSING = Fault(
    "encoder-missing",
    _WARNING,
    "The sentence encoder is missing: the desk leaves its work to the brain, and trains nothing.",
    "`make setup`, which builds it.",
)
CANDIDATE_FAILED = Fault(
    "candidate-failed",
    _WARNING,
    "The last training of a candidate model failed ({why}).",
    "Ask for it again on the page Models. If it fails again, look at disk, memory and "
    "logs/train.log.",
)
SWITCH_FAILED = Fault(
    "switch-failed",
    _WARNING,
    "The brain did not take the model that was accepted last ({why}).",
    "`sudo systemctl restart iop-brain`; or go back to the model before on the page Models.",
)
ENVIRONMENT = Fault(
    "environment",
    _BROKEN,
    "The Python environment `{name}` is missing or not whole.",
    "`make setup`; it needs a package index within reach.",
)
UNIT_DOWN = Fault(
    "unit-down",
    _BROKEN,
    "{unit} is {state}.",
    "`sudo systemctl restart {unit}`; `journalctl -u {unit} -n 50` says why it ended.",
)
REBOOT = Fault(
    "reboot",
    _WARNING,
    "The machine waits to be started anew, for updates of its system.",
    "`sudo reboot` at a quiet hour: everything comes back by itself within a minute or two.",
)

# Channels and the proxy.
CHANNELS_WRONG = Fault(
    "channels-wrong",
    _BROKEN,
    "{problem}",
    "Mend credentials.yml as it says (docs/channels.md): the desk does not start with it.",
)
CHANNEL_INCOMPLETE = Fault(
    "channel-incomplete",
    _WARNING,
    "{channel}, {name}: {words}.",
    "docs/channels.md goes through it step by step; `make channels` looks again.",
)
PROXIES_UNCOUNTED = Fault(
    "proxies-uncounted",
    _WARNING,
    "The desk stands behind a proxy and IOP_PROXIES is 0: all visitors count as one address.",
    "Set IOP_PROXIES=1, and start the desk again.",
)
PROXIES_CLAIMED = Fault(
    "proxies-claimed",
    _WARNING,
    "IOP_PROXIES is {count}, and the desk is reached without a proxy: visitors choose the address "
    "that they are counted under.",
    "Set IOP_PROXIES=0; or IOP_HOST=127.0.0.1 and IOP_PUBLIC_URL, and put the proxy in front.",
)

"""What can go wrong while the assistant is put on a server, and what to do about it."""

from __future__ import annotations


class DeployError(RuntimeError):
    """Something that stops the installation; the message says what is wrong and what to do."""


NO_NAME = (
    "{option} is missing. Run: sudo make deploy-server DOMAIN=chat.example.org "
    "CONSOLE=staff.example.org EMAIL=you@example.org"
)
WRONG_NAME = (
    "{option}={value}: this is no name of a host. Give it without https:// and without a path, in "
    "small letters, such as chat.example.org."
)
SAME_NAMES = (
    "CONSOLE and DOMAIN are both {value}. Staff need a name of their own, such as "
    "staff.example.org: make a second DNS record that leads to this server."
)
WRONG_EMAIL = "EMAIL={value}: this is no email address. It gets warnings before a certificate ends."
WRONG_ADDRESS = "ACME={value}: give the directory's address, such as https://ca.example.org/dir."
HALF_CERTIFICATE = "Give both CERTIFICATE=fullchain.pem and KEY=key.pem, or neither."
TWO_WAYS = "Give either CERTIFICATE and KEY, or ACME: not both."
NO_FILE = "{option}={value}: this file cannot be read. Give its whole path."
WRONG_NETWORK = (
    "STAFF_NETWORKS: `{value}` is no network. Write them with blanks between, such as "
    '"203.0.113.7 10.0.0.0/8".'
)
NOT_ROOT = "This needs root: put `sudo` in front of the command."
NOT_DEBIAN = (
    "This machine is {name}. The command is made for Debian 12 (bookworm) or newer, where packages "
    "get security updates. Rent such a server, or use deploy/compose.yml."
)
NO_SYSTEMD = (
    "systemd does not run this machine (a container?). Use a server of its own, or "
    "deploy/compose.yml."
)
PORT_TAKEN = (
    "Port {port} is taken by {who}. nginx must have it. Stop and disable that program (for Apache: "
    "sudo systemctl disable --now apache2), and run the command again."
)
COMMAND_FAILED = "{what} failed (exit code {code}):\n{words}\n{remedy}"
PACKAGES_REMEDY = "Does this server reach Debian's mirror? Try `sudo apt-get update`."
WRONG_SETTINGS = (
    "{words}\nNothing was started. The files of this server are in {folder}: mend the one that is "
    "named with `sudo nano {folder}/center.yml` (or its name), then run the command again."
)
NO_DNS = (
    "The name {name} leads nowhere. Make a DNS record of the type A (and AAAA, if this server has "
    "IPv6) for it at your provider, with this server's address; wait until `getent hosts {name}` "
    "prints it; run the command again."
)
CERTBOT_REMEDY = (
    "Does {name} lead to this server (`getent hosts {name}`)? Is port 80 open in your provider's "
    "firewall? The log: /var/log/letsencrypt/letsencrypt.log. Then run the command again. After "
    "five failures in an hour Let's Encrypt takes a pause of an hour."
)
CERTIFICATE_UNREADABLE = "{file}: this is no certificate in PEM form. Ask whoever made it for one."
CERTIFICATE_OTHER_NAME = (
    "{file}: the certificate is not for {name}. It must name both {domain} and {console}."
)
CERTIFICATE_ENDED = "{file}: the certificate has ended. Get a new one, and run the command again."
KEY_OTHER = "{key} is not the key of {file}. Give the two that were made together."
NGINX_REMEDY = (
    "nginx does not take its configuration. Is there another site on this server, in "
    "/etc/nginx/sites-enabled? Take it away, and run the command again."
)
UNIT_REMEDY = "What it says: sudo journalctl -u {unit} -n 50"
NOT_READY = (
    "https://{domain}/readyz does not say that the assistant is ready: {last}.\n"
    "Look at: sudo journalctl -u iop-desk -u iop-brain -n 50"
)

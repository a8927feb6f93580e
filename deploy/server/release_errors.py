"""What can go wrong with a release, and what to do about it."""

from __future__ import annotations


class ReleaseError(RuntimeError):
    """Something that was not done; the message says why, what holds now, and what to do."""


class TooSlowError(ReleaseError):
    """Something did not come to its end in time, and may still be under way."""


NO_SOURCE = "{source} is no source of the assistant: run the command in its folder."
STEP_FAILED = "{step} failed (exit code {code}); its last words:\n{words}"
NO_CURRENT = (
    "The assistant is not on this server yet ({link} leads to no release). Put it there first: "
    "`sudo make deploy-server DOMAIN=... CONSOLE=...` (docs/server.md)."
)
NOT_ROOT = "This changes what runs on the server: run it with sudo, such as `sudo make {command}`."
BUSY = (
    "Another upgrade or way back is under way. Wait until it has ended, and look at what it says."
)
SAME = (
    "This source is the release in use ({id}); there is nothing to do. For a newer one run `git "
    "pull` first, without sudo."
)
NO_ROOM = (
    "The disk has {free:.1f} GB free, and the upgrade needs {needed:.1f} GB. Make room (old logs: "
    "`sudo journalctl --vacuum-size=100M`; packages: `sudo apt-get clean`), or have the disk made "
    "larger. Nothing was changed."
)
NOT_SWITCHED = "{problem}\nNothing was changed: the release {id} goes on as before."
ROLLED_BACK = (
    "The new release did not answer as it must:\n{problem}\nThe way back was taken: the release "
    "{id} answers again, with all messages. The backup from before is {backup}."
)
NO_WAY_BACK = (
    "{problem}\nThe way back did not succeed either:\n{second}\nLook at `sudo systemctl status "
    "iop-desk iop-brain` and `sudo journalctl -u iop-desk -n 50`. The backup from before is "
    "{backup}; docs/server.md says how it is put back."
)
NO_PREVIOUS = "There is no release to go back to: {link} leads to none."
NO_FORM = (
    "It is not known which form the database had under the release {id}: it was never in use here. "
    "Restore a backup of its time instead (docs/server.md)."
)
NOT_BACK = "{problem}\nThe release {id} goes on; nothing was lost."
UNIT_FAILED = "{name} did not start. Look at `sudo journalctl -u {name} -n 50`."
INTERRUPTED = "It was interrupted."

ROOM_MADE = "The disk is short of room: the release before the one in use was deleted ({id})."
BUILDING = "Making the release, beside the one that runs (minutes, when packages are new) ..."
BRAIN_STOPPED = (
    "Training; the brain rests meanwhile, since memory is short. Visitors get the safe reply and "
    "crisis resources ..."
)
TRAINING = "Training ..."
BACKING_UP = "Making a backup ..."
TRYING = "Trying the release {id} on a copy of the database ..."
SWITCHING = "Putting it in use ..."
ASKING = "Asking it ..."
GOING_BACK = "It failed. Going back to the release {id} ..."
UPGRADED = (
    "Done: the release {id} answers. The one before is kept; `sudo make rollback` goes back to it. "
    "The backup from before is {backup}."
)
NOT_LEARNED = (
    "What staff have taught the assistant may not be in use ({problem}). Look at the page Learning "
    "of the console, and make a new candidate there."
)
WENT_BACK = "Done: the release {id} answers again. The backup from before is {backup}."
NO_BACKUP = "There is no backup {file}. Nothing was changed."
WHICH_BACKUP = "Which backup? They lie in {folder}: `sudo make restore-server FILE=...`."
STOPPING = "Stopping desk and brain; visitors find no page for a minute ..."
RESTORED = "Done: the assistant answers."

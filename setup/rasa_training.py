"""`rasa train` as `make train` runs it: the same command, spared work that finds nothing here.

Rasa's importers pass the messages on by copying and fingerprinting every one of them some twenty
times, to drop duplicates (`make check` refuses them) and to keep readers from writing (none of
ours does). And Python looks for garbage among millions of small objects that all live to the end.
And TensorFlow is imported for nothing (`brain.rasa_alone`). `rasa train` itself, without this
module, gives the same model.
"""

import gc
from typing import TYPE_CHECKING, Any

from brain import rasa_alone

if TYPE_CHECKING:
    from rasa.shared.nlu.training_data.message import Message


def _as_they_are(examples: "list[Message]") -> "list[Message]":
    return examples


def _itself(message: "Message", memo: dict[int, Any]) -> "Message":
    return message


def spare() -> None:
    """Leave that work out, in this process."""
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    gc.disable()
    TrainingData.sanitize_examples = staticmethod(_as_they_are)
    Message.__deepcopy__ = _itself


def main() -> None:
    """Run Rasa's command line, spared that work."""
    if rasa_alone.can_do_without():
        # Before the first import of Rasa, which would bring TensorFlow along.
        rasa_alone.stand_in()
    spare()
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()

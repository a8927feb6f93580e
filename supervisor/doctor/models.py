"""Models and environments: whether what is needed was made, from what is there now."""

from __future__ import annotations

from collections.abc import Iterator

from setup.code_print import ROOT, fingerprint
from setup.environments import VENVS, for_a_server, lock_of, stamped
from setup.train import MODELS, current_model, is_trained, passages_are_current
from store import candidates, models_in_use
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation

_ENVIRONMENTS = ("desk", "brain")


def check(installation: Installation) -> Iterator[Finding]:
    """Look at models, candidates, encoder and environments."""
    for name in _ENVIRONMENTS:
        made_from = fingerprint([lock_of(ROOT, name, server=for_a_server(()))])
        whole = stamped(VENVS / f"{name}.stamp", made_from)
        if not whole or not (VENVS / name / "bin" / "python").exists():
            yield faults.ENVIRONMENT.found(name=name)
    if not (MODELS / "encoder" / "model.onnx").exists():
        yield faults.ENCODER_MISSING.found()
    if current_model() is None:
        yield faults.MODEL_MISSING.found()
    elif not is_trained() or not passages_are_current():
        yield faults.MODEL_OLD.found()
    if installation.has_database:
        yield from _learned(installation)


def _learned(installation: Installation) -> Iterator[Finding]:
    newest = installation.read(candidates.newest)
    if newest and newest[0].state == "failed":
        yield faults.CANDIDATE_FAILED.found(why=newest[0].trouble or "it does not say why")
    switch = installation.read(models_in_use.current)
    if switch.trouble:
        yield faults.SWITCH_FAILED.found(why=switch.trouble)

"""`make lock`: writes the hash-locked requirements anew from the .in files."""

from __future__ import annotations

import re
from collections.abc import Collection

from setup.code_print import ROOT
from setup.environments import UV, VENVS, ensure_uv, run, say

# Name of the file, and the Python for which it is resolved. What serves comes first: desk.in holds
# to its versions.
LOCKS = {"uv": "3.11", "brain": "3.10", "desk-server": "3.11", "desk": "3.11", "audit": "3.11"}

TENSORFLOW = frozenset(
    {"tensorflow", "tensorflow-estimator", "tensorflow-hub", "tensorflow-io-gcs-filesystem"}
    | {"tensorflow-text", "tensorboard", "tensorboard-data-server", "keras", "jax", "jaxlib"}
    | {"astunparse", "gast", "google-auth-oauthlib", "google-pasta", "grpcio", "h5py", "libclang"}
    | {"ml-dtypes", "opt-einsum"}
)
"""TensorFlow and what it alone brings: 1.9 GB that `brain.rasa_alone` never loads."""
SYMBOLS = frozenset({"mpmath", "sympy"})
"""Named by onnxruntime for its tools, which build the encoder; to run it needs none of them."""


def without(lock: str, names: Collection[str]) -> str:
    """Return the text of a lock without some packages."""
    kept, keeps = [], True
    for line in lock.splitlines(keepends=True):
        # A package begins at the margin; its hashes are indented.
        if not line[0].isspace():
            keeps = re.split(r"[^\w.-]", line, maxsplit=1)[0] not in names
        if keeps:
            kept.append(line)
    return "".join(kept)


def main() -> None:
    """Resolve each environment. No address of a package index enters the files."""
    VENVS.mkdir(exist_ok=True)
    ensure_uv()
    folder = ROOT / "requirements"
    for name, python in LOCKS.items():
        say(f"Locking {name} ...")
        source, target = (folder / f"{name}.{end}" for end in ("in", "txt"))
        command = [UV, "pip", "compile", "-q", "--system-certs", "--generate-hashes"]
        command += ["--no-annotate", "--no-header", "--python-version", python]
        command += ["--override", folder / "overrides.txt", source, "-o", target]
        run(command, f"Locking {name} failed.")
    for whole, shorter, names in (
        ("brain", "brain-server", TENSORFLOW),
        ("desk-server", "desk-server", SYMBOLS),
    ):
        lock = (folder / f"{whole}.txt").read_text("utf-8")
        (folder / f"{shorter}.txt").write_text(without(lock, names), "utf-8")


if __name__ == "__main__":
    main()

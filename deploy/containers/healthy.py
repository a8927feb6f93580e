"""Asks a process of the assistant whether it can work, for a container's health check.

`python healthy.py ADDRESS [TOKEN-FILE]`: exit code 0 when it answers so, else 1. Standard library
alone.
"""

import json
import sys
import urllib.request
from pathlib import Path

SECONDS = 4


def healthy(address: str, token_file: str) -> bool:
    """Say whether the process behind an address answers that it can work.

    Args:
        address: /healthz of the desk, or the brain's v1/ready, whose `ready` must be true.
        token_file: Holds the token that desk and brain share; empty: none is sent.
    """
    call = urllib.request.Request(address)
    # A proxy of the environment would be asked for this machine's own address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        if token_file:
            token = Path(token_file).read_text("utf-8").strip()
            call.add_header("Authorization", f"Bearer {token}")
        with opener.open(call, timeout=SECONDS) as answer:
            told = json.loads(answer.read() or b"{}")
    except (OSError, ValueError):
        return False
    return bool(told.get("ready", True)) if isinstance(told, dict) else False


if __name__ == "__main__":
    sys.exit(0 if healthy(sys.argv[1], "".join(sys.argv[2:3])) else 1)

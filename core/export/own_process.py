"""Export a network in a process of its own.

While PyTorch's exporter runs, networks in other threads of the same process fail or have other outputs.
"""

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping

from core.export.networks import TrainedNetwork
from core.paths import ROOT

_MAX_SECONDS = 600
_LOCK = threading.Lock()
"""One export at a time: each process needs about 500 MB."""


def in_own_process(
    export: Callable[[TrainedNetwork, Mapping[str, str]], bytes], network: TrainedNetwork, about: Mapping[str, str]
) -> bytes:
    """Return ``export(network, about)``, computed by a new process, which needs some seconds to start.

    ``export`` is a function of `core.export.networks`. Raises RuntimeError with the end of the error output if the
    process fails, and subprocess.TimeoutExpired if it takes more than ten minutes.
    """
    command = [sys.executable, "-m", __name__]
    with _LOCK:
        done = subprocess.run(
            command,
            input=pickle.dumps((export, network, about)),
            capture_output=True,
            cwd=ROOT,
            timeout=_MAX_SECONDS,  # a process that hangs must not block later exports
        )
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
    return done.stdout


if __name__ == "__main__":
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # what libraries print is no part of the file
    called, *arguments = pickle.load(sys.stdin.buffer)  # from the process that started this one
    output.write(called(*arguments))
    output.flush()

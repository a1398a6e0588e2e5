"""The network of the program, which is also one of the `spellings`, with its initial weights."""

from core.topics.workflow.data import program_random
from core.topics.workflow.spellings import Network


def initial_network(seed: int) -> Network:
    """Return the network with the initial weights of the program for this seed."""
    with program_random(seed):
        return Network()

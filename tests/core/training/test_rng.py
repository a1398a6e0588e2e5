"""Random numbers depend on their key only."""

import torch

from core.training.rng import Stream, generator, seeded


def test_a_seeded_block_draws_as_after_manual_seed_and_leaves_the_global_generator_alone():
    key = (3, Stream.MNIST_CNN_DROPOUT, 7)
    before = torch.get_rng_state()
    with seeded(*key):
        drawn = torch.rand(5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(generator(*key).initial_seed())
    assert torch.equal(torch.rand(5), drawn)
    torch.set_rng_state(before)

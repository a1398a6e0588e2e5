"""Random numbers depend on their key only, and different keys give different numbers."""

from itertools import chain

import torch

from core.training.rng import Stream, generator, seeded


def test_no_two_keys_of_any_stream_give_the_same_numbers():
    """A thousand keys of every stream: with and without indices, with zeros at the end, and with the largest seeds."""
    seeds = (0, 1, 7, 2**30, 2**31 - 1)  # a config allows seeds up to the last one
    keys = {
        stream: [
            *((seed, stream) for seed in range(100)),
            *((seed, stream, index) for seed in seeds for index in range(100)),
            *((seed, stream, first, second) for seed in seeds for first in range(8) for second in range(10)),
        ]
        for stream in Stream
    }
    assert all(len(set(each)) == 1_000 for each in keys.values())
    # PyTorch's generator for the CPU uses the lowest 32 bits of its seed
    drawn = {generator(*key).initial_seed() % 2**32 for key in chain.from_iterable(keys.values())}
    assert len(drawn) == 1_000 * len(Stream)


def test_the_numbers_of_a_key_stay_the_same():
    """Otherwise no saved run could be trained again."""
    assert generator(0, Stream.BATCHES, 1).initial_seed() == 1328479793581247105
    assert torch.randperm(5, generator=generator(3, Stream.BATCHES, 1)).tolist() == [0, 2, 4, 3, 1]


def test_a_seeded_block_draws_as_after_manual_seed_and_leaves_the_global_generator_alone():
    key = (3, Stream.PLAYGROUND_DROPOUT, 7)
    before = torch.get_rng_state()
    with seeded(*key):
        drawn = torch.rand(5)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(generator(*key).initial_seed())
    assert torch.equal(torch.rand(5), drawn)
    torch.set_rng_state(before)

"""What the training functions share."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from core.training.batching import batch_indices, batches_per_epoch
from core.training.rng import Stream


def test_no_two_kinds_of_random_numbers_of_a_topic_share_a_stream():
    """The runs of two topics have nothing to do with each other; what all topics share differs from all of them."""
    prefixes = ("MANUAL_MLP", "LOSS_SURFACE", "MNIST_CNN", "BIAS_VARIANCE", "PLAYGROUND", "AUTOENCODER", "TRANSFER")
    owners = {name: next((part for part in prefixes if name.startswith(part)), "") for name in Stream.__members__}
    shared = [Stream[name] for name, owner in owners.items() if not owner]
    assert len(shared) >= 8
    for topic in prefixes:
        values = [*shared, *(Stream[name] for name, owner in owners.items() if owner == topic)]
        assert len(values) > len(shared) + 1
        assert len(set(values)) == len(values)


@given(st.lists(st.booleans(), min_size=1, max_size=40).filter(any), st.integers(1, 50), st.integers(0, 9), st.data())
def test_some_of_the_samples_are_each_shown_once_in_a_pass(of, batch_size, seed, data):
    def passed(mask: list[bool]) -> list[list[int]]:
        """The batches of the third pass."""
        batches = batches_per_epoch(sum(mask), batch_size)
        steps = range(2 * batches, 3 * batches)
        of = torch.tensor(mask)
        return [batch_indices(len(mask), batch_size, step, seed=seed, of=of).tolist() for step in steps]

    found, all_of_them = passed(of), [True] * len(of)
    assert sorted(index for batch in found for index in batch) == [index for index, one in enumerate(of) if one]
    assert {len(batch) for batch in found[:-1]} <= {batch_size}
    steps = range(2 * batches_per_epoch(len(of), batch_size), 3 * batches_per_epoch(len(of), batch_size))
    plain = [batch_indices(len(of), batch_size, step, seed=seed).tolist() for step in steps]
    assert passed(all_of_them) == plain
    # Another one is taken instead of one: no batch has more than one other
    out = data.draw(st.sampled_from([index for index, one in enumerate(of) if one]))
    for into in [index for index, one in enumerate(of) if not one][:3]:
        other = [one != (index in (out, into)) for index, one in enumerate(of)]
        assert all(len({*batch} - {*now}) <= 1 for batch, now in zip(found, passed(other), strict=True))

"""Batches."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.training.batching import BatchPlan, batch_indices, batches_per_epoch
from core.training.state import Change


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40).filter(any), st.integers(1, 50), st.integers(0, 9), st.data())
def test_masked_samples_are_each_in_one_batch_of_an_epoch(mask, batch_size, seed, data):
    def third_epoch(mask: list[bool]) -> list[list[int]]:
        """The batches of the third epoch."""
        batches = batches_per_epoch(sum(mask), batch_size)
        steps = range(2 * batches, 3 * batches)
        return [
            batch_indices(len(mask), batch_size, step, seed=seed, mask=torch.tensor(mask)).tolist() for step in steps
        ]

    batches = third_epoch(mask)
    assert sorted(index for batch in batches for index in batch) == [i for i, selected in enumerate(mask) if selected]
    assert {len(batch) for batch in batches[:-1]} <= {batch_size}
    steps = range(2 * batches_per_epoch(len(mask), batch_size), 3 * batches_per_epoch(len(mask), batch_size))
    unmasked = [batch_indices(len(mask), batch_size, step, seed=seed).tolist() for step in steps]
    assert third_epoch([True] * len(mask)) == unmasked
    # One sample replaced by another: no batch has more than one new sample
    removed = data.draw(st.sampled_from([index for index, selected in enumerate(mask) if selected]))
    for added in [index for index, selected in enumerate(mask) if not selected][:3]:
        other = [selected != (index in (removed, added)) for index, selected in enumerate(mask)]
        assert all(len({*old} - {*new}) <= 1 for old, new in zip(batches, third_epoch(other), strict=True))


@given(
    st.integers(1, 12),
    st.integers(1, 15),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15)), max_size=3),
    st.integers(1, 6),
)
def test_a_changed_batch_size_begins_with_the_next_epoch(samples, batch_size, changes, epochs):
    changes = sorted(changes, key=lambda change: change[0])
    plan, step = BatchPlan(samples, batch_size, [Change(step, "batch_size", size) for step, size in changes]), 0
    for epoch in range(epochs):
        size = next((size for changed_at, size in reversed(changes) if changed_at <= step), batch_size)
        one_by_one = range(epoch * samples, (epoch + 1) * samples)
        order = [int(batch_indices(samples, 1, number, seed=3)) for number in one_by_one]
        for first in range(0, samples, size):
            assert len(plan.indices(step, seed=3)) == min(size, samples - first)
            assert plan.epochs(step) == pytest.approx(epoch + first // size / batches_per_epoch(samples, size))
            batch = plan.indices(step, seed=3).tolist()
            assert batch == (order[first : first + size] if size < samples else [*range(samples)])
            step += 1
        assert plan.updates(epoch + 1) == step
        assert plan.epochs(step) == epoch + 1

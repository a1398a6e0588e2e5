"""Messages between worker and server: encoding as plain values and decoding give the same event."""

import numpy as np
import torch
from distributed.protocol import dumps, loads
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.engine.messages import decode, encode
from core.training.progress import Progress, finite

NAMES = st.text(max_size=8)
ARRAYS = arrays.arrays(
    st.sampled_from([np.float32, np.int8, np.uint8, np.int64]), arrays.array_shapes(min_dims=0, max_side=5)
)


@given(
    step=st.integers(0, 10**9),
    metrics=st.dictionaries(NAMES, st.none() | st.floats(allow_nan=False, allow_infinity=False)),
    pictures=st.dictionaries(NAMES, ARRAYS, max_size=3),
)
def test_an_event_comes_back_as_it_was(step, metrics, pictures):
    event = Progress(step, step + 1, metrics, pictures)
    (message,) = loads(dumps([encode(event)]))
    back = decode(message)
    assert (back.step, back.total, back.metrics) == (event.step, event.total, event.metrics)
    assert back.arrays.keys() == pictures.keys()
    for name, array in back.arrays.items():
        assert (array.dtype, array.shape) == (pictures[name].dtype, pictures[name].shape)
        np.testing.assert_array_equal(array, pictures[name])


def test_numbers_of_numpy_and_transposed_arrays_can_travel():
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    event = Progress(np.int64(3), np.int64(4), {"loss": np.float32(0.5)}, {"array": array})
    back = decode(loads(dumps([encode(event)]))[0])
    assert (back.step, back.metrics) == (3, {"loss": 0.5})
    np.testing.assert_array_equal(back.arrays["array"], array)


def test_what_is_not_finite_travels_as_none():
    values = [float("nan"), float("inf"), torch.tensor(float("-inf")), np.float64("nan"), torch.tensor(2.0)]
    assert [finite(value) for value in values] == [None, None, None, None, 2.0]

"""Damaged uploads are read or refused, whatever is changed. `benchmarks.uploads` reads many more of them."""

import os
import pickle
import time

import pytest
from hypothesis import given

from tests.upload_mutations import MUTATIONS, UPLOADS, is_read, mutate, watched

MAX_SECONDS = 2.0


@pytest.mark.parametrize("kind", UPLOADS)
def test_a_valid_file_is_read(kind):
    upload = UPLOADS[kind]
    assert [is_read(upload, data) for data in upload.examples()] == [True] * len(upload.examples())


@pytest.mark.parametrize("kind", UPLOADS)
def test_a_mutated_file_is_read_or_refused(kind):
    upload = UPLOADS[kind]
    outcomes = set()

    @given(MUTATIONS)
    def check(mutation: tuple) -> None:
        data, began = mutate(upload.examples(), mutation), time.process_time()
        with watched() as acts:
            outcomes.add(is_read(upload, data))
        assert acts == []
        assert time.process_time() - began < MAX_SECONDS

    check()
    assert False in outcomes


def test_writing_and_unpickling_are_noticed(tmp_path):
    with watched() as acts:
        (tmp_path / "file").write_bytes(b"")
        (tmp_path / "file").read_bytes()
        os.close(os.open(tmp_path / "other", os.O_CREAT | os.O_WRONLY))
        (tmp_path / "folder").mkdir()
        pickle.loads(pickle.dumps(len))
    assert [act.split()[0] for act in acts] == ["open", "open", "os.mkdir", "pickle.find_class"]

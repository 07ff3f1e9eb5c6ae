"""The image pool, against the rule that CycleGAN's published code follows."""

import numpy as np
import pytest
import torch

from face2sketch.errors import MethodError
from face2sketch.models.pool import ImagePool


def numbered(*values: float) -> torch.Tensor:
    """Pictures (B, 1, 2, 2), each of one value, so that its value names it."""
    return torch.tensor(values, dtype=torch.float32)[:, None, None, None].expand(-1, 1, 2, 2).clone()


def names(pictures: torch.Tensor) -> list[int]:
    return [int(value) for value in pictures[:, 0, 0, 0]]


def test_a_pool_of_none_returns_what_it_is_given():
    given = numbered(1, 2)
    assert torch.equal(ImagePool(0).query(given), given)


def test_a_filling_pool_keeps_and_returns_the_new_pictures():
    pool = ImagePool(3, seed=5)
    assert names(pool.query(numbered(1, 2))) == [1, 2]
    assert names(pool.query(numbered(3))) == [3]
    assert len(pool) == 3
    kept = pool.state_dict()["pictures_0"]
    assert kept[:, 0, 0, 0].tolist() == [1, 2, 3]


def test_a_full_pool_exchanges_and_never_invents_or_doubles():
    """Every picture is given once; whatever is returned leaves, whatever is kept has not been returned since it came."""
    pool = ImagePool(4, seed=1)
    pool.query(numbered(0, 1, 2, 3))
    returned = [name for new in range(4, 200) for name in names(pool.query(numbered(new)))]
    kept = [int(value) for value in pool.state_dict()["pictures_0"][:, 0, 0, 0]]
    assert len(pool) == 4
    assert sorted(returned + kept) == list(range(200))


def test_half_the_answers_are_old_and_any_place_is_as_likely():
    pool = ImagePool(10, seed=0)
    pool.query(numbered(*range(10)))
    ages = np.array([new - names(pool.query(numbered(new)))[0] for new in range(10, 4010)])
    # Bernoulli(1/2), 4000 times: standard deviation 0.008. An old one stays a geometric time of mean 20 queries.
    assert abs((ages > 0).mean() - 0.5) < 0.04
    assert 18 < ages[ages > 0].mean() < 22


def test_the_pool_holds_no_gradient_and_no_view_of_the_batch():
    pool = ImagePool(2)
    batch = numbered(7, 8).requires_grad_()
    doubled = batch * 1
    answer = pool.query(doubled)
    assert not answer.requires_grad
    with torch.no_grad():
        doubled.fill_(0)
    assert pool.state_dict()["pictures_0"][:, 0, 0, 0].tolist() == [7, 8]


def test_scales_of_a_picture_stay_together():
    pool = ImagePool(3, seed=2)
    for new in range(40):
        large, small = pool.query((numbered(new), numbered(new)[:, :, :1, :1]))
        assert large.shape == (1, 1, 2, 2)
        assert small.shape == (1, 1, 1, 1)
        assert names(large) == names(small)


@pytest.mark.parametrize("filled", [0, 2, 9])
def test_a_restored_pool_continues_as_the_first_would(filled, tmp_path):
    first = ImagePool(4, seed=3)
    for new in range(filled):
        first.query(numbered(new))
    np.savez(tmp_path / "pool.npz", **first.state_dict())
    second = ImagePool(4, seed=99)
    with np.load(tmp_path / "pool.npz", allow_pickle=False) as state:
        second.load_state_dict(dict(state))
    assert len(second) == min(filled, 4)
    for new in range(100, 140):
        assert names(first.query(numbered(new))) == names(second.query(numbered(new)))


def test_half_precision_pictures_return_unchanged():
    pool = ImagePool(1, seed=0)
    given = torch.randn(1, 3, 4, 4).bfloat16()
    pool.query(given)
    second = ImagePool(1)
    second.load_state_dict(pool.state_dict())
    answers = [second.query(torch.zeros(1, 3, 4, 4, dtype=torch.bfloat16)) for _ in range(20)]
    assert any(torch.equal(answer, given) for answer in answers)
    assert all(answer.dtype == torch.bfloat16 for answer in answers)


def test_channels_stay_last_where_they_are():
    given = torch.rand(3, 3, 4, 5).to(memory_format=torch.channels_last)
    answer = ImagePool(5).query(given)
    assert answer.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(answer, given)


def test_what_cannot_be_pooled_is_refused():
    pool = ImagePool(2)
    pool.query(numbered(1))
    with pytest.raises(MethodError, match="one shape"):
        pool.query(torch.zeros(1, 1, 3, 3))
    with pytest.raises(MethodError, match="expected 0"):
        ImagePool(-1)
    with pytest.raises(MethodError, match="of 5 for one of 2"):
        pool.load_state_dict(ImagePool(5).state_dict())

"""Linear layers with packed weights compute what plain ones do."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqattack.models import packed as module
from seqattack.models.packed import PackedLinear, pack

PRECISIONS = (torch.float32, torch.bfloat16)


def layers(precision: torch.dtype, *, bias: bool = True) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Return a plain model and the same one packed."""
    torch.manual_seed(0)
    plain = torch.nn.Sequential(
        torch.nn.Linear(384, 96, bias=bias), torch.nn.GELU(), torch.nn.Linear(96, 9, bias=bias)
    )
    plain = plain.to(precision).eval()
    return plain, pack(copy.deepcopy(plain))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(8,), (1, 8), (3, 24), (64, 16)])
@torch.inference_mode()
def test_packed_layers_compute_what_plain_ones_do(
    precision: torch.dtype, bias: bool, shape: tuple[int, ...]
) -> None:
    plain, packed = layers(precision, bias=bias)
    given = torch.randn(*shape, 384, dtype=precision)
    torch.testing.assert_close(packed(given), plain(given))


@pytest.mark.parametrize("precision", PRECISIONS)
@torch.inference_mode()
def test_a_text_has_the_same_bytes_in_every_batch(precision: torch.dtype) -> None:
    _, packed = layers(precision)
    texts = torch.randn(64, 16, 384, dtype=precision)
    together = packed(texts)
    for rows in (1, 2, 3, 5, 32):
        assert torch.equal(packed(texts[:rows]), together[:rows])


def test_packing_happens_and_keeps_what_others_look_at() -> None:
    plain, packed = layers(torch.float32)
    assert [type(each) for each in packed.modules()].count(PackedLinear) == 2
    assert isinstance(packed.get_submodule("0"), torch.nn.Linear)
    assert packed.state_dict().keys() == plain.state_dict().keys()
    given = torch.randn(4, 384, requires_grad=True)
    packed(given).sum().backward()  # outside of inference mode it is the plain layer
    assert given.grad is not None
    assert torch.equal(packed(given), plain(given))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_is_plain_so_that_its_weights_may_change(copied: Callable[[Any], Any]) -> None:
    plain, packed = layers(torch.float32)
    twin = copied(packed)
    assert PackedLinear not in map(type, twin.modules())
    given = torch.randn(4, 384)
    with torch.inference_mode():
        assert torch.equal(twin(given), plain(given))
        twin.get_submodule("0").weight.zero_()
        assert not torch.equal(twin(given), plain(given))


def test_what_a_processor_lacks_stays_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: "SVE256")
    assert module._precisions() == ()
    _, packed = layers(torch.float32)
    assert PackedLinear not in map(type, packed.modules())


@torch.inference_mode()
def test_other_precisions_are_left_alone() -> None:
    plain, packed = layers(torch.float64)
    given = torch.randn(4, 384, dtype=torch.float64)
    assert torch.equal(packed(given), plain(given))
    assert PackedLinear not in map(type, packed.modules())

"""Linear layers whose weights oneDNN has packed, for forward passes on a processor.

torch sends float32 products to MKL, which does less than half of what oneDNN does on processors
that are not Intel's, and packs bfloat16 weights anew for every batch. The kernels are torch's own;
results differ from the plain layer's by rounding only.
"""

from __future__ import annotations

from typing import Any, TypeVar

import torch

Model = TypeVar("Model", bound=torch.nn.Module)


class PackedLinear(torch.nn.Linear):
    """A linear layer that computes with packed weights where nothing has to be differentiated.

    Its weights stay as they are beside the packed ones, so whatever looks at them or converts the
    model finds them.
    """

    packed: torch.Tensor

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the layer's output.

        Args:
            input: Of shape (..., inputs).
        """
        if not torch.is_inference_mode_enabled() or input.dtype != self.packed.dtype:
            return super().forward(input)
        found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
            input, self.packed, self.bias, "none", [], ""
        )
        return found

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Have copies and pickles be plain layers, whose weights may change."""
        state = {name: value for name, value in self.__dict__.items() if name != "packed"}
        return torch.nn.Linear.__new__, (torch.nn.Linear,), state


def pack(model: Model) -> Model:
    """Have a trained model's linear layers compute with packed weights, and return the model.

    On a GPU and on processors that are not of the x86 family nothing changes, and neither does
    bfloat16 where a processor lacks the instructions that oneDNN needs for it.

    Args:
        model: On its device; its weights must not change any more.
    """
    precisions = _precisions()
    with torch.inference_mode():
        for layer in model.modules():
            if type(layer) is not torch.nn.Linear:
                continue
            if layer.weight.device.type == "cpu" and layer.weight.dtype in precisions:
                layer.__class__ = PackedLinear
                layer.packed = torch.ops.mkldnn._reorder_linear_weight(layer.weight)
    return model


def _precisions() -> tuple[torch.dtype, ...]:
    """Return the precisions for which oneDNN packs weights on this processor."""
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not has_onednn or not torch.backends.cpu.get_cpu_capability().startswith("AVX"):
        return ()
    if torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.float32, torch.bfloat16
    return (torch.float32,)

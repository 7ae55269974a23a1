"""Float16 weight files that several graphs share, and where each parameter lies in them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from torch import nn

INLINE_BYTES = 1024


@dataclass
class SharedWeights:
    """External data shared by graphs: equal contents are stored once, whatever graph names them."""

    name: str
    chunks: list[np.ndarray] = field(default_factory=list)
    offsets: dict[bytes, int] = field(default_factory=dict)
    size: int = 0

    def place(self, model: onnx.ModelProto) -> None:
        for tensor in model.graph.initializer:
            if tensor.data_type != TensorProto.FLOAT:
                continue
            values = numpy_helper.to_array(tensor)
            if values.nbytes < INLINE_BYTES:
                continue
            if not np.array_equal(values, values.astype(np.float16).astype(np.float32)):
                # Folded constants that float16 cannot hold stay exact inside the graph.
                if values.nbytes > 64 * INLINE_BYTES:
                    message = f"{tensor.name} {values.shape} is too large to keep as float32"
                    raise ValueError(message)
                continue
            key = hashlib.sha256(values.tobytes()).digest()
            if key not in self.offsets:
                self.offsets[key] = self.size
                self.chunks.append(values.astype(np.float16).reshape(-1))
                self.size += values.nbytes
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")
            tensor.data_location = TensorProto.EXTERNAL
            del tensor.external_data[:]
            for entry, text in (("location", self.name), ("offset", str(self.offsets[key])), ("length", str(values.nbytes))):
                tensor.external_data.add(key=entry, value=text)

    def half(self) -> bytes:
        return np.concatenate(self.chunks).tobytes()


def locate_parameters(modules: dict[str, nn.Module], stores: dict[str, SharedWeights]) -> dict[str, object]:
    """Where each parameter lies in the shipped files, so that training can go on from them (`restore.py`).

    Large ones: weight file, offset in values, shape, and whether the graph holds the transpose. Others: the values.
    """
    found: dict[str, object] = {}
    for prefix, module in modules.items():
        for name, tensor in module.state_dict().items():
            values = tensor.detach().numpy()
            for file, store in stores.items():
                straight = store.offsets.get(hashlib.sha256(np.ascontiguousarray(values).tobytes()).digest())
                turned = store.offsets.get(hashlib.sha256(np.ascontiguousarray(values.T).tobytes()).digest())
                offset = straight if straight is not None else turned
                if offset is not None:
                    place = {"file": f"{file}.f16.bin", "offset": offset // 4, "shape": list(values.shape), "transposed": straight is None}
                    found[f"{prefix}.{name}"] = place
                    break
            else:
                found[f"{prefix}.{name}"] = values.tolist()
    return found

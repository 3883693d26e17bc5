"""How errors say that there is no memory left; a module that imports nothing, which needs some."""

from __future__ import annotations

OUT_OF_MEMORY = (
    "out of memory",  # CUDA
    "outofmemoryerror",  # the name of torch's error
    "not enough memory",  # torch's DefaultCPUAllocator
    "can't allocate memory",  # the same, of other releases
    "cannot allocate memory",  # the system, ENOMEM
    "could not create a memory object",  # oneDNN
    "could not create a primitive",  # the same, which mostly lacks memory for its code
    "failed to allocate memory",  # ONNX Runtime
    "bad_alloc",  # C++
    "failed to map segment",  # the loader of libraries
)
"""Words, in small letters, by which libraries say that there is no memory left."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the memory ran out, that of the device or the computer's own."""
    said = f"{type(error).__name__} {error}".lower()
    return isinstance(error, MemoryError) or any(words in said for words in OUT_OF_MEMORY)

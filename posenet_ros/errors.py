"""
The exceptions of posenet_ros, all below :class:`PosenetError`.

Each message names what was wrong, with the value, and what to do about it, so that a caller
may print it as it is.
"""


class PosenetError(Exception):
    """The root of all errors that this package raises on purpose."""


class SettingError(PosenetError, ValueError):
    """A setting has a value of the wrong type, out of its range or not among its choices."""


class ImageError(PosenetError):
    """An image cannot be read, or contradicts itself."""


class HeadsError(PosenetError, ValueError):
    """The outputs of a network have shapes or values that cannot be decoded."""


class ModelError(PosenetError):
    """A model cannot be used."""


class ModelNotFoundError(ModelError):
    """A model was not downloaded to this machine."""


class ModelLoadError(ModelError):
    """A model's file is there, but it is not a graph that can be run."""


class ProviderError(PosenetError):
    """An execution provider that was asked for cannot be used."""


class NetworkError(PosenetError):
    """ONNX Runtime failed while it ran the network."""


class WeightsError(PosenetError):
    """Published weights cannot be fetched or read."""


class DownloadError(WeightsError):
    """No source gave the weights; the message lists what each one said."""


class ChecksumError(WeightsError):
    """A file is not the one that was published: its sha256 differs from the catalogue's."""


class MissingDependencyError(PosenetError):
    """An optional Python package is needed and not installed."""


class ThreadDiedError(PosenetError):
    """A thread of the node died or did not end; only a new process helps."""

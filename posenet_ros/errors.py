"""
The exceptions of posenet_ros, all derived from :class:`PosenetError`.

Each message says what is wrong, with the value, and what to do about it. It can be shown to users
unchanged.
"""

__all__ = [
    'BagError',
    'CalibrationError',
    'ChecksumError',
    'DepthError',
    'DownloadError',
    'HeadsError',
    'ImageError',
    'MissingDependencyError',
    'ModelError',
    'ModelLoadError',
    'ModelNotFoundError',
    'NetworkError',
    'PosenetError',
    'ProviderError',
    'SettingError',
    'ThreadDiedError',
    'WeightsError',
]


class PosenetError(Exception):
    """The base class of all errors that this package raises."""


class SettingError(PosenetError, ValueError):
    """A setting has a value of the wrong type, out of range, or not among its choices."""


class ImageError(PosenetError):
    """An image cannot be read, or its size, encoding and data do not match."""


class BagError(PosenetError):
    """A bag (a recording of ROS 2) cannot be read, converted or written."""


class CalibrationError(PosenetError):
    """A camera is not calibrated, or its calibration does not fit its images."""


class DepthError(PosenetError):
    """A depth image cannot be used: its values or its size do not fit."""


class HeadsError(PosenetError, ValueError):
    """The outputs of a network have shapes or values that cannot be decoded."""


class ModelError(PosenetError):
    """A model cannot be used."""


class ModelNotFoundError(ModelError):
    """A model is not on this machine; it has to be downloaded."""


class ModelLoadError(ModelError):
    """A file of a model exists, but it is not a graph that can be run."""


class ProviderError(PosenetError):
    """The chosen execution provider cannot be used."""


class NetworkError(PosenetError):
    """A run of the network failed or was interrupted."""


class WeightsError(PosenetError):
    """Published weights cannot be downloaded or read, or graphs cannot be written."""


class DownloadError(WeightsError):
    """The weights cannot be downloaded; the message says why, for each source."""


class ChecksumError(WeightsError):
    """A downloaded file is not the published one: its sha256 differs from the catalogue's."""


class MissingDependencyError(PosenetError):
    """An optional Python package is needed but not installed."""


class ThreadDiedError(PosenetError):
    """A thread of the node died or did not end; the process must be restarted."""

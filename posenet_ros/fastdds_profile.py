"""The XML profile of Fast DDS that is in force, and the shared memory that it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
import os
from pathlib import Path
from xml.etree import ElementTree

from posenet_ros.errors import SettingError

#: The libraries of Fast DDS 2 and 3, and the environment variable that each reads.
VARIABLES = {
    'libfastrtps.so': 'FASTRTPS_DEFAULT_PROFILES_FILE',
    'libfastdds.so': 'FASTDDS_DEFAULT_PROFILES_FILE',
}

#: Size of a segment without a profile, in bytes.
DEFAULT_SEGMENT = 512 * 1024

#: What this process has loaded.
MAPS = Path('/proc/self/maps')


@dataclass(frozen=True)
class Profile:
    """What a profile says about shared memory."""

    path: Path
    #: Largest size of a segment in bytes; None if Fast DDS uses no shared memory.
    segment_size: int | None


def find_profile(environment: Mapping[str, str]) -> Profile | None:
    """
    Return the profile that the environment sets; None if it sets none.

    The version of Fast DDS that this process has loaded decides which variable counts. If it has
    loaded none and the variables differ, the profile that asks for the least counts.

    Raises SettingError if the profile cannot be read; Fast DDS then uses its defaults.
    """
    names = (environment.get(variable) for variable in _variables_in_force())
    profiles, errors = [], []
    for path in dict.fromkeys(Path(name) for name in names if name):
        try:
            profiles.append(read_profile(path))
        except SettingError as error:
            errors.append(error)
    if errors and not profiles:
        raise errors[0]
    return min(profiles, key=lambda one: one.segment_size or 0, default=None)


def profile_variables(environment: Mapping[str, str], profile: str) -> dict[str, str]:
    """
    Return the variables to add to an environment so that Fast DDS reads a profile.

    Another profile that the environment already sets is kept. Only the variables that the
    installed Fast DDS reads are returned: Fast DDS 3 also reads that of Fast DDS 2, but every
    process then warns that it is deprecated (see `superfluous_variables`).
    """
    first, second = VARIABLES.values()
    if environment.get(first, profile) != profile:
        return {}
    wanted = environment.get(second, profile)
    names = _installed_variables(environment)
    return {name: wanted for name in names if name not in environment}


def superfluous_variables(environment: Mapping[str, str], profile: str) -> list[str]:
    """
    Return the variables that set this profile, but that the installed Fast DDS should not see.

    They are left in a shell in which another distribution was used before.
    """
    needed = _installed_variables(environment)
    return [
        name
        for name in VARIABLES.values()
        if environment.get(name) == profile and name not in needed
    ]


def read_profile(path: Path) -> Profile:
    """Return what a profile says; raises SettingError if it cannot be read."""
    try:
        root = ElementTree.parse(path).getroot()
        sizes = [int(element.text or '') for element in root.iterfind('.//{*}segment_size')]
    except (OSError, ElementTree.ParseError, ValueError, LookupError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise SettingError(
            f'cannot read the Fast DDS profile {path}: {reason}; correct '
            f'{" and ".join(VARIABLES.values())}, or the file'
        ) from error
    size = max(sizes, default=DEFAULT_SEGMENT) if _has_shared_memory(root) else None
    return Profile(path, size)


def _installed_variables(environment: Mapping[str, str]) -> list[str]:
    """Return the variables of the Fast DDS in the ROS prefixes; both if none is found."""
    prefixes = environment.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    found = [
        variable
        for library, variable in VARIABLES.items()
        if any(Path(prefix, 'lib', library).exists() for prefix in prefixes if prefix)
    ]
    return found or list(VARIABLES.values())


def _variables_in_force() -> list[str]:
    """Return the variable that the loaded Fast DDS reads; both if none is loaded."""
    try:
        loaded = MAPS.read_text(errors='replace')
    except OSError:  # not on Linux
        loaded = ''
    found = [variable for library, variable in VARIABLES.items() if f'/{library}' in loaded]
    return found or list(VARIABLES.values())


def _has_shared_memory(root: ElementTree.Element) -> bool:
    """Return whether participants use the built-in transports, or one through shared memory."""
    built_in = root.findall('.//{*}useBuiltinTransports')
    if not built_in or any(_text(one).lower() not in ('false', '0') for one in built_in):
        return True
    used = set(map(_text, root.iterfind('.//{*}userTransports/{*}transport_id')))
    return any(
        _text(one.find('{*}type')) == 'SHM' and _text(one.find('{*}transport_id')) in used
        for one in root.iterfind('.//{*}transport_descriptor')
    )


def _text(element: ElementTree.Element | None) -> str:
    return '' if element is None else (element.text or '').strip()

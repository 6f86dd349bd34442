"""The synthetic sequences for tracking: each is a function of a seed that returns its images."""

from collections.abc import Sequence

from made_people import Errors, find_people, MadeImage, Scene, Walker
import numpy as np

_SECONDS = 12.0


def _stamps(rate: float, seconds: float = _SECONDS) -> list[float]:
    return [100 + float(number) / rate for number in range(round(seconds * rate))]


def _walker(
    number: int, path: Sequence[tuple[float, float, float]], height: float, phase: float = 0.0
) -> Walker:
    """Return a person from the corners (seconds from the start, x, y) of the path."""
    times = [100 + second for second, _, _ in path]
    return Walker(number, times, [(x, y) for _, x, y in path], height, phase)


def _crossing_walkers(seed: int) -> list[Walker]:
    """Return 4 people, two from each side, who walk across the image and back."""
    rng = np.random.default_rng(seed)
    walkers = []
    for number, start in enumerate((40.0, 600.0, 200.0, 440.0), 1):
        height = float(rng.uniform(100, 220))
        first = start + float(rng.uniform(-20, 20))
        end = first + (400 if number % 2 else -400)
        y, turn = 200 + height, float(rng.uniform(5.5, 6.5))
        path = [(0.0, first, y), (turn, end, y), (_SECONDS, first, y)]
        walkers.append(_walker(number, path, height, float(rng.uniform(0, 6))))
    return walkers


def crossing(seed: int) -> list[MadeImage]:
    """Show four people who cross each other's way, at 30 Hz, with 10 % drop-outs."""
    return find_people(_crossing_walkers(seed), _stamps(30), seed=seed)


def crossing_at_10_hz(seed: int) -> list[MadeImage]:
    """Show the same at 10 Hz."""
    return find_people(_crossing_walkers(seed), _stamps(10), seed=seed)


def irregular(seed: int) -> list[MadeImage]:
    """Show the same, but three in five images are skipped at random."""
    rng = np.random.default_rng(seed)
    stamps = [stamp for stamp in _stamps(30) if rng.random() < 0.4]
    return find_people(_crossing_walkers(seed), stamps, seed=seed)


def stopping(seed: int) -> list[MadeImage]:
    """Show two pairs who meet, stop side by side, and go on or turn back."""
    rng = np.random.default_rng(seed)
    walkers: list[Walker] = []
    for pair in range(2):
        y, height = 330 + 110 * pair, float(rng.uniform(120, 180))
        meet, gap = float(rng.uniform(200, 440)), float(rng.uniform(0.3, 0.5)) * height
        for side in (-1, 1):
            start, stop = 320 + side * 280, meet + side * gap / 2
            passes = -1 if rng.random() < 0.5 else 1
            path = [(0.0, start, y), (4.0, stop, y + 4 * side), (7.0, stop, y + 4 * side)]
            path.append((_SECONDS, 320 + passes * side * 280, y))
            walkers.append(_walker(len(walkers) + 1, path, height * (1 + 0.03 * side)))
    return find_people(walkers, _stamps(30), seed=seed)


def leaving(seed: int) -> list[MadeImage]:
    """
    Show three people who leave the image and return.

    The first comes back at once and stays the same; the others come back after 3 seconds, as new
    people.
    """
    rng = np.random.default_rng(seed)
    quick = [(0.0, 300.0, 400.0), (3.0, 655.0, 400.0), (3.4, 655.0, 400.0), (7.0, 200.0, 400.0)]
    walkers = [_walker(1, [*quick, (_SECONDS, 500.0, 400.0)], 180)]
    for place in range(2):
        y, height = 300.0 + 150 * place, float(rng.uniform(100, 200))
        path = [(0.0, 450.0, y), (4.0, -60.0, y), (6.5, -60.0, y), (_SECONDS, 500.0, y)]
        walkers.append(_walker(2 + place, path, height))
    return find_people(walkers, _stamps(30), seed=seed)


def hiding(seed: int) -> list[MadeImage]:
    """Show somebody near, who walks past three people; one walks the same way."""
    rng = np.random.default_rng(seed)
    walkers = [_walker(1, [(0.0, 60.0, 470.0), (_SECONDS, 580.0, 470.0)], 300)]
    for number, x in enumerate((220.0, 420.0), 2):
        place = x + float(rng.uniform(-40, 40))
        path = [(0.0, place, 380.0), (_SECONDS, place + float(rng.uniform(-80, 80)), 380.0)]
        walkers.append(_walker(number, path, float(rng.uniform(110, 170))))
    walkers.append(_walker(4, [(0.0, 20.0, 350.0), (8.0, 600.0, 350.0)], 120))
    return find_people(walkers, _stamps(30), seed=seed)


def crowd(seed: int) -> list[MadeImage]:
    """Show ten people who walk about, at 15 Hz."""
    rng = np.random.default_rng(seed)
    walkers = []
    for number in range(1, 11):
        height = float(rng.uniform(80, 180))
        y = 180 + height + float(rng.uniform(-20, 20))
        times = [0.0, *np.sort(rng.uniform(1, 11, 3)).tolist(), _SECONDS]
        path = [(second, float(rng.uniform(30, 610)), y) for second in times]
        walkers.append(_walker(number, _slowed(path, height), height, float(rng.uniform(0, 6))))
    return find_people(walkers, _stamps(15), seed=seed)


def _slowed(
    path: Sequence[tuple[float, float, float]], height: float
) -> list[tuple[float, float, float]]:
    """Return a path that nobody walks faster than 1.3 of the height in a second."""
    slow = [path[0]]
    for second, x, y in path[1:]:
        reach = 1.3 * height * (second - slow[-1][0])
        slow.append((second, slow[-1][1] + float(np.clip(x - slow[-1][1], -reach, reach)), y))
    return slow


def false_detections(seed: int) -> list[MadeImage]:
    """Show two people among six things that are taken for people in 15 % of the images."""
    errors = Errors(doubles=0.3, false_detections=0.15, things=6)
    return find_people(_crossing_walkers(seed)[:2], _stamps(30), seed=seed, errors=errors)


#: All synthetic sequences by name.
SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        crossing,
        crossing_at_10_hz,
        irregular,
        stopping,
        leaving,
        hiding,
        crowd,
        false_detections,
    )
}

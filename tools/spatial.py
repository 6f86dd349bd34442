"""
Measure positions in metres on rendered scenes with known truth, beside one pixel per keypoint.

`make spatial` runs this program. It writes the tables of docs/spatial.md. The scenes are those of
test/support/depth_scenes.py. The constants of `posenet_ros/spatial/` were chosen on other seeds.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace

from depth_camera import measure
from depth_scenes import CAMERA, make_scene, NAMES, Scene
import numpy as np
from numpy.typing import NDArray
from rendered_people import HEIGHT, Posture, project, render, stand, WIDTH
from spatial_page import BEHIND, Errors, Figures, write_page
from spatial_time import measure_times

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import MIN_KEYPOINT_SCORE, Pose
from posenet_ros.spatial.body_shape import JOINT_DEPTHS
from posenet_ros.spatial.depth_image import depth_image
from posenet_ros.spatial.ground import camera_pose, locate_on_ground
from posenet_ros.spatial.position_smoothing import PositionSmoother
from posenet_ros.spatial.positions import bodies, locate
from posenet_ros.tracking.tracking_settings import TrackingSettings

Array = NDArray[np.float64]
Locate = Callable[[Scene], Array]

_SIZE = (HEIGHT, WIDTH)
_TRUNK = [i for i, name in enumerate(PART_NAMES) if 'shoulder' in name or 'hip' in name]
_DISTANCES = (1.0, 2.0, 4.0)
# A person who stands still, at 30 Hz.
_STILL_IMAGES, _STILL_DISTANCES = 90, (2.0, 4.0)
_GROUND_DISTANCES, _GROUND_PEOPLE = (2.0, 4.0, 6.0), 200


def locate_ours(scene: Scene) -> Array:
    """Return our positions, float64 [people, 17, 3]."""
    found = locate(scene.poses, depth_image(scene.depth, _SIZE), CAMERA)
    return np.stack([pose.positions for pose in found])


def locate_pixel(scene: Scene) -> Array:
    """Return positions from the one pixel at each keypoint; 0 is taken as unknown."""
    return _of_one_pixel(scene, np.zeros(17))


def locate_pixel_and_joint(scene: Scene) -> Array:
    """Return the same with the half thickness of the limb added, as ours."""
    return _of_one_pixel(scene, JOINT_DEPTHS)


def _of_one_pixel(scene: Scene, joint_depths: Array) -> Array:
    keypoints = np.stack([pose.keypoints for pose in scene.poses])
    scores = np.stack([pose.keypoint_scores for pose in scene.poses])
    depths = depth_image(scene.depth, _SIZE).at(keypoints.transpose(2, 0, 1)).astype(np.float64)
    depths[scores < MIN_KEYPOINT_SCORE] = np.nan
    positions: Array = CAMERA.to_rays(keypoints) * (depths + joint_depths)[..., np.newaxis]
    return positions


_METHODS: dict[str, Locate] = {
    'posenet_ros': locate_ours,
    'one pixel': locate_pixel,
    'one pixel, to the joint': locate_pixel_and_joint,
}


def _errors(scene: Scene, positions: Array) -> Errors:
    gaps = positions - scene.joints
    whole = scene.visible[:, _TRUNK].all(axis=1)
    trunks = np.linalg.norm(bodies(positions) - bodies(scene.joints), axis=1)
    return Errors(np.linalg.norm(gaps, axis=2), gaps[..., 2], scene.visible, trunks[whole])


def _measure_scenes(seeds: Sequence[int]) -> dict[str, dict[float, dict[str, Errors]]]:
    """Return the errors by method, distance and scene."""
    errors: dict[str, dict[float, dict[str, Errors]]] = {
        method: {distance: {} for distance in _DISTANCES} for method in _METHODS
    }
    for distance in _DISTANCES:
        for name in NAMES:
            scenes = [make_scene(name, distance, seed) for seed in seeds]
            for method, function in _METHODS.items():
                errors[method][distance][name] = Errors.joined(
                    [_errors(scene, function(scene)) for scene in scenes]
                )
        print(f'{distance:g} m: done', flush=True)
    return errors


def _measure_holes(seeds: Sequence[int]) -> tuple[int, int, int]:
    """
    Return how many keypoints at 2 m are visible, known, and wrong only because of holes.

    Holes of 8 to 60 pixels are around 6 of the 17 keypoints of each person. A position is wrong
    if it is more than 0.3 m from the joint, and was not without holes.
    """
    rng = np.random.default_rng(0)
    visible = known = wrong = 0
    for name in NAMES:
        for seed in seeds:
            scene = make_scene(name, 2.0, seed)
            depth = scene.depth.copy()
            for pose in scene.poses:
                for x, y in pose.keypoints[rng.choice(17, 6, replace=False)].round().astype(int):
                    half = int(rng.integers(4, 31))
                    left, top, right, bottom = np.maximum(
                        [x - half, y - half, x + half, y + half], 0
                    )
                    depth[top:bottom, left:right] = 0
            before = np.linalg.norm(locate_ours(scene) - scene.joints, axis=2)
            after = np.linalg.norm(locate_ours(replace(scene, depth=depth)) - scene.joints, axis=2)
            visible += int(scene.visible.sum())
            known += int(np.isfinite(after[scene.visible]).sum())
            wrong += int((scene.visible & (after > BEHIND) & ~(before > BEHIND)).sum())
    return visible, known, wrong


def _measure_still(distance: float) -> tuple[float, float]:
    """Return the deviations in metres of a still person's keypoints: raw, smoothed."""
    rng = np.random.default_rng(0)
    figure = stand(Posture(), place=np.array([0.0, 0.1, distance]))
    depth, _ = render([figure], np.full(_SIZE, distance + 2.0))
    pixels = project(figure.joints)
    smoother, raw, smoothed = PositionSmoother(), [], []
    for number in range(_STILL_IMAGES):
        noisy = pixels + rng.normal(0, 1.0, pixels.shape)
        pose = Pose(0.9, noisy, np.full(17, 0.9, np.float32), 1)
        found = locate([pose], depth_image(measure(depth, number), _SIZE), CAMERA)
        smooth = smoother.update(
            found, stamp=number / 30, image_size=_SIZE, settings=TrackingSettings()
        )
        raw.append(found[0].positions)
        smoothed.append(smooth[0].positions)
    first, second = (
        np.sqrt(np.nanmedian(np.nansum(np.nanvar(np.array(one[30:]), axis=0), axis=1)))
        for one in (raw, smoothed)
    )
    return float(first), float(second)


def _measure_ground(distance: float) -> Array:
    """Return how far people on the ground, without depth, are from the truth in metres."""
    rng = np.random.default_rng(0)
    # A level camera 1.2 m above the ground.
    where = camera_pose((-0.5, 0.5, -0.5, 0.5), (0.0, 0.0, 1.2))
    errors = []
    for _ in range(_GROUND_PEOPLE):
        stature = rng.uniform(1.55, 1.9)
        hips = 1.2 - (0.491 + 0.039) * stature
        place = np.array([rng.uniform(-0.5, 0.5), hips, distance])
        figure = stand(Posture(), place=place, yaw=rng.uniform(-3, 3), stature=stature)
        pixels = project(figure.joints) + rng.normal(0, 2.0, (17, 2))
        inside = ((pixels >= 0) & (pixels < (WIDTH, HEIGHT))).all(axis=1)
        scores = np.where(inside, 0.9, 0.0).astype(np.float32)
        (found,) = locate_on_ground([Pose(0.9, pixels, scores)], CAMERA, where)
        errors.append(float(np.hypot(*(found.pose.body - place)[[0, 2]])))
    return np.array(errors)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seeds', type=int, default=20, help='runs of each scene')
    seeds = range(100, 100 + parser.parse_args().seeds)
    write_page(
        Figures(
            _measure_scenes(seeds),
            _measure_holes(seeds),
            {distance: _measure_still(distance) for distance in _STILL_DISTANCES},
            {distance: _measure_ground(distance) for distance in _GROUND_DISTANCES},
            measure_times(),
            len(seeds),
        )
    )


if __name__ == '__main__':
    main()

"""
Measure the accuracy and the time of rows of settings, on COCO's people and on videos.

`make accuracy` runs this program. With a folder that has COCO's validation pictures, it measures
for each row of accuracy_rows.py:

- COCO's measures of keypoints (average precision, average recall), computed by pycocotools;
- the CPU time from an image's array to its poses. All rows are run on a picture before the next
  one, so that other load on the machine affects all of them alike;
- which people are found, by their height, and how many poses show no one new.

A run of all rows on the pictures with even numbers writes docs/accuracy.md and its chart. The
others are for choosing constants. Every other run only prints the tables.

With a folder that has the videos of accuracy_video_tracks.py, it measures for each row of
accuracy_video_runs.py the time, the distance from published keypoints, and who is found of the
people in view. That writes another part of docs/accuracy.md.
"""

import argparse
from pathlib import Path

from accuracy_figures import compute_figures, Figures
from accuracy_page import render_tables, write_tables
from accuracy_rows import ROWS
from accuracy_runs import load_rows, run_rows
from accuracy_video_figures import compute_video_figures
from accuracy_video_page import render_video_tables, VIDEOS_BEGIN
from accuracy_video_runs import rows_for, run_clip
from accuracy_video_tracks import check_folder, read_clip, VIDEOS
from average_precision import Evaluation
from coco_people import Coco, Picture, read_coco

_DOCS = Path(__file__).parent.parent / 'docs'
# vtest.avi is longer.
_MAX_IMAGES = 250
_NUMBERS = {'even': (0,), 'odd': (1,), 'all': (0, 1)}


def main() -> None:
    """Measure, print the tables, and write those of full runs to the page."""
    parsed = _parse()
    if parsed.coco or not parsed.videos:
        _measure_pictures(parsed)
    if parsed.videos:
        _measure_videos(parsed.videos, parsed.images)


def _measure_pictures(parsed: argparse.Namespace) -> None:
    coco = read_coco(parsed.coco)
    figures = _measure(coco, _choose(coco, parsed.numbers, parsed.every), parsed.only)
    tables = render_tables(figures)
    print(tables)
    if parsed.numbers == 'even' and parsed.every == 1 and not parsed.only:
        # Tests run without matplotlib.
        from accuracy_chart import draw_chart

        write_tables(tables, _DOCS / 'accuracy.md')
        draw_chart(figures.rows, _DOCS / 'accuracy.svg')


def _measure_videos(folder: Path, max_images: int) -> None:
    check_folder(folder)
    figures = []
    for video in VIDEOS:
        clip = read_clip(folder, video, max_images=max_images)
        figures.append(compute_video_figures(clip, run_clip(rows_for(video), clip)))
    tables = render_video_tables(figures)
    print(tables)
    if max_images == _MAX_IMAGES:
        write_tables(tables, _DOCS / 'accuracy.md', begin_mark=VIDEOS_BEGIN)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition('\n\n')[0])
    parser.add_argument('--coco', type=Path, help='folder with val2017/ and annotations/')
    parser.add_argument('--videos', type=Path, help='folder with the videos')
    parser.add_argument(
        '--images', type=int, default=_MAX_IMAGES, help='use only the first images of each video'
    )
    parser.add_argument(
        '--numbers', choices=_NUMBERS, default='even', help='pictures to use, by their numbers'
    )
    parser.add_argument(
        '--every', type=int, default=1, metavar='N', help='use only every Nth picture'
    )
    parser.add_argument(
        '--only',
        nargs='+',
        default=[],
        choices=[row.name for row in ROWS],
        metavar='ROW',
        help='measure only these rows',
    )
    parsed = parser.parse_args()
    if parsed.every < 1:
        parser.error(f'--every is {parsed.every}, expected 1 or more')
    if parsed.images < 1:
        parser.error(f'--images is {parsed.images}, expected 1 or more')
    return parsed


def _choose(coco: Coco, numbers: str, every: int) -> list[Picture]:
    remainders = _NUMBERS[numbers]
    return [one for one in coco.pictures if one.number % 2 in remainders][::every]


def _measure(coco: Coco, pictures: list[Picture], only: list[str]) -> Figures:
    rows = [row for row in ROWS if not only or row.name in only]
    evaluation = Evaluation(coco.annotations, [picture.number for picture in pictures])
    runs = run_rows(load_rows(rows), pictures)
    return Figures(
        rows=[compute_figures(row, of_row, pictures, evaluation) for row, of_row in runs.items()],
        pictures=len(pictures),
        people=sum(int(picture.people.counted.sum()) for picture in pictures),
        share_of_estimated_areas=coco.share_of_estimated_areas,
    )


if __name__ == '__main__':
    main()

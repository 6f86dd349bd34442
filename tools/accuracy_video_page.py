"""The tables on videos in docs/accuracy.md. Input: the measured figures. Output: Markdown."""

from collections.abc import Sequence

from accuracy_page import conditions, line
from accuracy_rows import Row
from accuracy_video_coverage import Coverage
from accuracy_video_figures import Errors, VideoFigures, VideoRowFigures

#: The marks of the tables in the page.
VIDEOS_BEGIN = '<!-- videos, written by make accuracy -->\n'


def render_video_tables(videos: Sequence[VideoFigures]) -> str:
    """Return the tables of all videos."""
    times = ', '.join(f'{one.base_milliseconds:.1f} ms on {one.video.title}' for one in videos)
    return '\n'.join([
        conditions(f'The mean time of the first row is {times}.'),
        _costs(videos),
        _errors([one for one in videos if one.rows[0].errors]),
        *(_coverages(one) for one in videos if one.rows[0].coverage),
    ])  # fmt: skip


def _costs(videos: Sequence[VideoFigures]) -> str:
    columns = ['video', 'row', 'CPU time', 'time', 'searches', 'regions', 'poses']
    lines = [line(columns), '| --- | --- ' + '| ---: ' * 5 + '|']
    for video in videos:
        name = f'{video.video.title}, {video.images} images at {video.rate:.0f} Hz'
        lines += [
            line([
                name, one.row.title, f'{one.cpu:.2f}', f'{one.wall:.2f}', f'{one.searches:.2f}',
                f'{one.regions:.2f}', f'{one.people:.2f}',
            ])
            for one in video.rows
        ]  # fmt: skip
    return '\n'.join(lines) + '\n'


def _errors(videos: Sequence[VideoFigures]) -> str:
    lines = [line(['row', *(one.video.title for one in videos)])]
    lines.append('| --- ' + '| ---: ' * len(videos) + '|')
    for row in _rows(videos):
        cells = [_error(_of(video, row).errors) for video in videos]
        lines.append(line([row.title, *cells]))
    return '\n'.join(lines) + '\n'


def _error(errors: Errors | None) -> str:
    if errors is None:
        return '-'
    missed = f', no pose in {errors.missed} images' if errors.missed else ''
    return f'{errors.median:.1f} / {errors.mean:.1f} px{missed}'


def _coverages(video: VideoFigures) -> str:
    columns = [f'{video.video.title}: row', 'with a pose', 'longest time without', 'lost']
    lines = [line(columns), '| --- ' + '| ---: ' * 3 + '|']
    for one in video.rows:
        if one.coverage:
            lines.append(line([one.row.title, *_coverage(one.coverage)]))
    return '\n'.join(lines) + '\n'


def _coverage(coverage: Coverage) -> list[str]:
    share = f'{100 * coverage.covered / coverage.seen:.1f} %' if coverage.seen else '-'
    return [f'{share} of {coverage.seen}', f'{coverage.longest_gap:.1f} s', str(coverage.lost)]


def _rows(videos: Sequence[VideoFigures]) -> list[Row]:
    return [one.row for one in videos[0].rows] if videos else []


def _of(video: VideoFigures, row: Row) -> VideoRowFigures:
    return next(one for one in video.rows if one.row is row)

"""
Check this package on a machine with an NVIDIA GPU, in a few minutes: `python tools/gpu_check.py`.

Needs onnxruntime-gpu, NumPy, OpenCV, Pillow and onnx, the models of `posenet download`, and no
ROS. Each part of the check runs in its own process. Output: text, and gpu_check.json in the output
folder, which is complete after every part. --provider cpu is a rehearsal without a GPU. The exit
code is 1 if a part failed or a target was not met.
"""

import argparse
from collections.abc import Sequence
import json
from pathlib import Path
import signal
import sys

from gpu_checks.parts import PARTS
from gpu_checks.plan import Plan, Result
from gpu_checks.process import ROOT, run_here
from gpu_checks.report.publication import publish
from gpu_checks.run import run_parts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts, or one check of them in this process; return the exit code."""
    options = _parse(arguments)
    plan = Plan(options.provider, options.device_id, options.quick)
    if options.check:
        run_here(options.check, plan, options.result)
        return 0
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    if isinstance(options.publish, Path):
        return _publish(json.loads(options.publish.read_text()))
    names = options.only or list(PARTS)
    try:
        merged = run_parts(plan, names, minutes=options.minutes, output=options.output)
    except KeyboardInterrupt:
        print('interrupted; the results of the parts that have ended are in', options.output)
        return 128 + signal.SIGINT
    if options.publish:
        return _publish(merged)
    return int(any(target['met'] is False for target in merged['targets']))


def _publish(result: Result) -> int:
    """Write a result to docs/, and return the exit code."""
    try:
        publish(result, ROOT / 'docs')
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print('Wrote docs/gpu_check.json and the tables of docs/gpu.md.')
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--provider',
        choices=('cuda', 'tensorrt', 'cpu'),
        default='cuda',
        help='the execution provider to check; cpu is a rehearsal (default: cuda)',
    )
    parser.add_argument(
        '--device-id', type=int, default=0, metavar='N', help='index of the GPU (default: 0)'
    )
    parser.add_argument(
        '--only', nargs='+', choices=PARTS, metavar='PART', help=f'only these: {", ".join(PARTS)}'
    )
    parser.add_argument(
        '--quick', action='store_true', help='show that each part works; its figures mean nothing'
    )
    parser.add_argument(
        '--minutes', type=float, default=12.0, help='maximum time of all parts (default: 12)'
    )
    parser.add_argument(
        '--output',
        type=Path,
        metavar='DIR',
        help='folder for results (default: build/gpu_check; with --only, build/gpu_check_parts)',
    )
    parser.add_argument(
        '--publish',
        nargs='?',
        type=Path,
        const=True,
        metavar='FILE',
        help='write the result to docs/; with FILE, publish that gpu_check.json and check nothing',
    )
    # For the process of one check.
    parser.add_argument('--check', help=argparse.SUPPRESS)
    parser.add_argument('--result', type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.publish is True and (options.provider == 'cpu' or options.quick or options.only):
        parser.error('only a whole run on a GPU can be published: leave out --quick and --only')
    # Some parts must not replace the results of a whole run.
    folder = 'gpu_check_parts' if options.only else 'gpu_check'
    options.output = options.output or ROOT / 'build' / folder
    return options


if __name__ == '__main__':
    sys.exit(main())

"""
Check this package on a machine with an NVIDIA GPU, in a few minutes: `python tools/gpu_check.py`.

Needs onnxruntime-gpu, NumPy, OpenCV and Pillow, the models of `posenet download`, and no ROS. Each
part of the check runs in its own process. Output: text, and gpu_check.json in the output folder,
which is complete after every part. --provider cpu is a rehearsal without a GPU. The exit code is 1
if a part failed or a target was not met.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
import signal
import sys

from gpu_checks.parts import PARTS
from gpu_checks.plan import Plan
from gpu_checks.process import ROOT, run_here
from gpu_checks.run import run_parts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts, or one check of them in this process; return the exit code."""
    options = _parse(arguments)
    plan = Plan(options.provider, options.device_id, options.quick)
    if options.check:
        run_here(options.check, plan, options.result)
        return 0
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    merged = run_parts(
        plan, options.only or list(PARTS), minutes=options.minutes, output=options.output
    )
    return int(any(target['met'] is False for target in merged['targets']))


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
        '--minutes', type=float, default=8.0, help='maximum time of all parts (default: 8)'
    )
    parser.add_argument(
        '--output',
        type=Path,
        default=ROOT / 'build' / 'gpu_check',
        metavar='DIR',
        help='folder for the results (default: build/gpu_check)',
    )
    # For the process of one check.
    parser.add_argument('--check', help=argparse.SUPPRESS)
    parser.add_argument('--result', type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == '__main__':
    sys.exit(main())

"""The parts of the GPU check: each module checks or measures one thing and returns a dict."""

import importlib

from gpu_checks.plan import Part, Plan, Result


def _part(module: str) -> Part:
    """Return the part of a module, which is imported only in the process that runs it."""

    def measure(plan: Plan) -> Result:
        part: Part = importlib.import_module(f'gpu_checks.parts.{module}').measure
        return part(plan)

    return measure


#: In the order in which they run, the most important first.
PARTS: dict[str, Part] = {
    'doctor': _part('doctor'),
    'agreement': _part('agreement'),
    'shapes': _part('shapes'),
    'batches': _part('batches'),
    'stages': _part('stages'),
    'precisions': _part('precisions'),
    'node': _part('node'),
    'recovery': _part('recovery'),
    'second_process': _part('second_process'),
    'start_up': _part('start_up'),
    'long_run': _part('long_run'),
    'threads': _part('threads'),
    'transfers': _part('transfers'),
    'sizes': _part('sizes'),
    'roofline': _part('roofline'),
    'options': _part('options'),
}

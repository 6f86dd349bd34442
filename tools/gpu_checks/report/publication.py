"""
Publishing a run of the GPU check: docs/gpu_check.json, and the blocks of docs/gpu.md.

A block is the text between two markers; each published run replaces it.
"""

from pathlib import Path

from gpu_checks.json_file import write_json
from gpu_checks.parts import PARTS
from gpu_checks.plan import Result
from gpu_checks.report.page import render_measured, render_speed

_BEGIN, _END = '<!-- written by tools/gpu_check.py: {} -->\n', '<!-- end -->\n'


def refusal(result: Result) -> str | None:
    """Return why a merged result must not be published, or None if it may be."""
    if result['rehearsal']:
        return 'it is a rehearsal on the CPU'
    if result['quick']:
        return 'it is a quick run, whose figures mean nothing'
    if missing := [name for name in PARTS if name not in result['parts']]:
        return f'it has no part {", ".join(missing)}'
    used = result['parts']['doctor'].get('providers_used', {})
    if not any(name.endswith('ExecutionProvider') for name in used.values()):
        return f'no network ran on {result["provider"]}; see the part doctor'
    return None


def publish(result: Result, docs: Path) -> None:
    """Write gpu_check.json and the blocks of gpu.md in a folder; raises ValueError if refused."""
    if reason := refusal(result):
        raise ValueError(f'the result cannot be published: {reason}')
    page = docs / 'gpu.md'
    text = page.read_text()
    for name, block in (('measured', render_measured(result)), ('speed', render_speed(result))):
        text = _replace(text, name, block)
    write_json(docs / 'gpu_check.json', result)
    page.write_text(text)


def _replace(text: str, name: str, block: str) -> str:
    """Replace what is between the markers of a block."""
    begin = text.index(_BEGIN.format(name)) + len(_BEGIN.format(name))
    end = text.index(_END, begin)
    return text[:begin] + block + text[end:]

"""
The page docs/reliability.md.

Input: the results of a run. Output: the page, in Markdown.
"""

from collections.abc import Mapping
from typing import Any

from report.tables import format_table
from torture.attacks import ATTACKS
from torture.bounds import MAX_DELAY, MAX_END, MAX_GROWTH, MAX_START

_HEAD = f"""\
# Reliability

`make torture` attacks the real nodes and the real command, over real DDS, with hostile input and
conditions, and writes this page. Between the attacks, it sends good images. It fails if one of
these bounds is broken:

- A good image is processed, and its poses arrive within {MAX_DELAY:g} s.
- No node or command crashes, hangs or prints a traceback.
- A node is ready, and a command has finished, within {MAX_START:g} s. After SIGINT or
  SIGTERM, both end within {MAX_END:g} s, a node with exit code 0.
- The memory of the node after an attack is at most {MAX_GROWTH:g} MB larger than before; in
  *memory*, after any single input of up to 64 MB. Over many of them, the memory grows further, as
  Fast DDS keeps the memory of the largest messages, a few for each topic.
- What cannot be done is reported in a message, and no incomplete file is left.

To run it for an hour, or only some attacks, for some seconds and with some seed:

    make torture
    make torture ONLY='messages memory' SECONDS=120 SEED=7

The same seed gives the same attacks in the same order; how many of them fit into the time depends
on the machine. build/torture/ has the results, and the output of nodes that broke a bound.
"""

_TWO_HOSTS = """\
## Two hosts

A camera and the node in two network namespaces of one machine, joined by a virtual cable, without
shared memory. To measure only this, as root: `python torture/two_hosts.py SECONDS`.
"""

_SETUPS = """\
The camera publishes at 30 Hz, for a few seconds under each condition. The share is that of all
images that were due. The latency is that from the stamp of an image to the arrival of its poses.
Packets are lost at the node's end, each one independently. A raw image has 921600 bytes, a
compressed one 99517 (JPEG with quality 95).

- *defaults*: Fast DDS and Linux as they are.
- *kernel settings*: `net.ipv4.ipfrag_time=3` and `net.ipv4.ipfrag_high_thresh=134217728` on the
  node's host, so that the fragments of incomplete datagrams are dropped after 3 s instead of 30 s.
- *fastdds_network.xml*: the profile of that name on both hosts: messages that fit in one packet.
"""

_TABLE_HEAD = [
    'attack',
    'minutes',
    'good images processed / sent',
    'crashes',
    'tracebacks',
    'memory before / at most / at the end',
    'longest delay',
    'bounds broken',
]


def render_page(results: Mapping[str, Any]) -> str:
    """Return the page for some results; attacks that did not run are left out."""
    tallies = results['attacks']
    sections = [_HEAD, _conditions(results), _summary(tallies), _what_was_done(tallies)]
    return '\n'.join([*sections, _two_hosts(tallies.get('hosts'))])


def _conditions(results: Mapping[str, Any]) -> str:
    machine, versions = results['machine'], results['versions']
    seconds = sum(tally['seconds'] for tally in results['attacks'].values())
    rows = [
        ['machine', '{cpu}, {cores} cores, {memory_mb} MB, Linux {kernel}'.format(**machine)],
        ['versions', ', '.join(f'{name} {version}' for name, version in versions.items())],
        ['date, commit', f'{results["date"]}, {results["commit"]}'],
        ['seed, duration', f'{results["seed"]}, {seconds / 60:.0f} minutes'],
    ]
    return format_table(['', ''], rows)


def _summary(tallies: Mapping[str, Any]) -> str:
    rows = [
        [
            name,
            f'{tally["seconds"] / 60:.1f}',
            f'{tally["answered"]} / {tally["sent"]}' if tally['sent'] else '-',
            str(tally['crashes']),
            str(tally['tracebacks']),
            _memory(tally),
            f'{tally["longest_delay"]:.2f} s' if tally['longest_delay'] else '-',
            str(len(tally['failures'])),
        ]
        for name, tally in tallies.items()
    ]
    text = (
        'Memory is the resident memory in MB. The delay is that between a good image and its '
        'poses; for *signals*, that between a signal and the end of the program; for *command*, '
        'the time of a run.\n'
    )
    return f'## Results\n\n{format_table(_TABLE_HEAD, rows)}\n{text}'


def _memory(tally: Mapping[str, Any]) -> str:
    if not tally['memory_before']:
        return '-'
    return ' / '.join(f'{tally[f"memory_{when}"]:.0f}' for when in ('before', 'peak', 'end'))


def _what_was_done(tallies: Mapping[str, Any]) -> str:
    rows = [
        [
            name,
            ATTACKS[name].description,
            ', '.join([f'{what} ({count})' for what, count in tally['done'].items()]),
            '; '.join(map(_cell, tally['failures'] + tally['notes'])) or '-',
        ]
        for name, tally in tallies.items()
    ]
    table = format_table(['attack', 'in short', 'what was done, how often', 'remarks'], rows)
    return f'## Attacks\n\n{table}'


def _two_hosts(tally: Mapping[str, Any] | None) -> str:
    """Return the section that the README links to, also if nothing was measured."""
    if tally and tally['table']:
        return f'{_TWO_HOSTS}\n{_SETUPS}\n{tally["table"].strip()}\n'
    reasons = tally['notes'] + tally['failures'] if tally else []
    reason = reasons[0] if reasons else 'this run was without the attack *hosts*'
    return f'{_TWO_HOSTS}\nNot measured: {reason.removeprefix("not measured: ")}.\n'


def _cell(text: str) -> str:
    """Return text that does not end a cell of a table."""
    return text.replace('|', '\\|').replace('\n', ' ')[:300]

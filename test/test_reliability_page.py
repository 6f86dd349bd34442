"""The page docs/reliability.md, from the results of a run."""

import sys
from typing import Any

from golden import ROOT
import pytest

TABLE = '| setup | images at 30 Hz |\n| --- | --- |\n| defaults | 640x480 raw |\n'


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make torture/ importable, after the installed package."""
    monkeypatch.setattr(sys, 'path', [*sys.path, str(ROOT)])


def render_hosts(**fields: Any) -> str:
    """Return the section about two hosts, after a run in which their attack had some results."""
    from torture.tally import Tally

    return render({'hosts': Tally('hosts', seed=1, **fields).as_json()})


def render(attacks: dict[str, Any]) -> str:
    """Return the section about two hosts, after a run of some attacks."""
    from torture.reliability_page import render_page

    machine = {'cpu': 'x86', 'cores': 2, 'memory_mb': 8000, 'kernel': '6.1'}
    facts = {'date': '2026-01-01', 'commit': 'a', 'seed': 1, 'versions': {'python': '3.11'}}
    page = render_page({'machine': machine, 'attacks': attacks, **facts})
    assert page.count('\n## Two hosts\n') == 1
    return page.partition('\n## Two hosts\n')[2]


def test_the_section_about_two_hosts_explains_the_figures_before_it_lists_them() -> None:
    section = render_hosts(table=TABLE)
    explanation, _, table = section.partition(TABLE)
    assert table == ''
    for fact in ('ipfrag_time', '*fastdds_network.xml*', '921600 bytes', 'Packets are lost'):
        assert fact in explanation
    assert 'not measured' not in section.lower()


def test_the_section_about_two_hosts_says_why_nothing_was_measured() -> None:
    section = render_hosts(notes=['not measured: it takes 225 s'])
    assert 'Not measured: it takes 225 s.' in section


def test_the_section_about_two_hosts_says_that_their_attack_did_not_run() -> None:
    assert 'Not measured: this run was without the attack *hosts*.' in render({})


def test_the_section_about_two_hosts_says_so_if_its_attack_failed() -> None:
    section = render_hosts(failures=['the attack ended with exit code 1 and without results'])
    assert 'Not measured: the attack ended with exit code 1 and without results.' in section


def test_the_page_explains_every_setup_that_is_measured() -> None:
    from torture.two_hosts import SETUPS

    section = render_hosts(table=TABLE)
    for setup in SETUPS:
        assert f'- *{setup}*: ' in section

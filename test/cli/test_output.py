import os
import sys

import pytest

from posenet_ros.cli.output import OutputError, print_message, print_text

Output = pytest.CaptureFixture[str]


def test_text_that_cannot_be_printed_is_an_error_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open('/dev/full', 'w') as full:
        monkeypatch.setattr(sys, 'stdout', full)
        with pytest.raises(OutputError, match='cannot write to standard output: No space left'):
            print_text('result')
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_a_message_goes_to_standard_error(capsys: Output) -> None:
    print_message('something is wrong')
    assert capsys.readouterr() == ('', 'posenet: something is wrong\n')

"""Model files that are damaged, replaced or deleted while the node runs."""

from collections.abc import Callable
from pathlib import Path
import random
import shutil

from lifecycle_msgs.msg import Transition
from torture.damage import damage
from torture.session import Session
from torture.victim import Victim

from posenet_ros.posenet.weights.store import models_folder

_MODEL = 'mobilenet_v1_075'
_GRAPH = 'stride16.onnx'


def attack_files(session: Session) -> None:
    """Change a file, load the model again, restore the file, and load it again."""
    sound = models_folder() / _MODEL
    home = session.folder / 'home'
    model = home / 'models' / _MODEL
    while session.goes_on:
        _restore(sound, model)
        with session.victim(environment={'POSENET_HOME': str(home)}) as victim:
            while session.goes_on and not victim.has_ended:
                name = session.choice.choice(list(_CHANGES))
                session.tally.done[name] += 1
                _CHANGES[name](model, session.choice)
                # The network in memory does not depend on the file.
                session.send_good(victim, f'{name}, before it is loaded again')
                _load_again(session, victim, name)
                _restore(sound, model)
                if not session.activate(victim) and victim.check(name):
                    victim.fail(f'the model cannot be loaded after it was restored: {name}')
                elif session.warm_up(victim):
                    session.send_good(victim, f'the model was restored: {name}')


def _restore(sound: Path, model: Path) -> None:
    shutil.rmtree(model, ignore_errors=True)
    shutil.copytree(sound, model)


def _load_again(session: Session, victim: Victim, name: str) -> None:
    """Deactivate, clean up and configure; if that fails, the node must say why."""
    for transition in (Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP):
        if not session.change_state(victim, transition) and victim.check(name):
            victim.fail(f'transition {transition} failed after {name}')
    printed = len(victim.output)
    if session.change_state(victim, Transition.TRANSITION_CONFIGURE):
        session.tally.done['loaded although changed'] += 1
        return
    if victim.check(name) and 'cannot configure' not in victim.output[printed:]:
        victim.fail(f'configure failed without a message after {name}')


def _damage(path: Path, choice: random.Random) -> None:
    path.write_bytes(damage(path.read_bytes(), choice))


def _damage_in_place(path: Path, choice: random.Random) -> None:
    with path.open('r+b') as file:
        file.seek(choice.randrange(path.stat().st_size))
        file.write(choice.randbytes(1000))


def _truncate_in_place(path: Path, choice: random.Random) -> None:
    with path.open('r+b') as file:
        file.truncate(choice.choice([0, 1, 1000, path.stat().st_size // 2]))


def _replace_by_folder(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()


def _replace_by_link_to_itself(path: Path, _: random.Random) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _replace_by_other_graph(path: Path, _: random.Random) -> None:
    shutil.copy(path.with_name('stride8.onnx'), path)


_CHANGES: dict[str, Callable[[Path, random.Random], object]] = {
    'graph damaged': lambda model, choice: _damage(model / _GRAPH, choice),
    'graph damaged in place': lambda model, choice: _damage_in_place(model / _GRAPH, choice),
    'graph truncated in place': lambda model, choice: _truncate_in_place(model / _GRAPH, choice),
    'graph deleted': lambda model, _: (model / _GRAPH).unlink(),
    'graph replaced by a folder': lambda model, choice: _replace_by_folder(model / _GRAPH, choice),
    'graph replaced by a link to itself': lambda model, choice: _replace_by_link_to_itself(
        model / _GRAPH, choice
    ),
    'graph of another output stride': lambda model, choice: _replace_by_other_graph(
        model / _GRAPH, choice
    ),
    'record damaged': lambda model, choice: _damage(model / 'model.json', choice),
    'record deleted': lambda model, _: (model / 'model.json').unlink(),
    'model deleted': lambda model, _: shutil.rmtree(model),
}

#!/usr/bin/env python3
"""./demo keeps its result while nothing it is made from, and nothing of it, has changed. Usage: test-demo.py SOURCE_ROOT.

The programs it calls are stand-ins: the run itself is another test. Prints TAP.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import run_tests  # noqa: E402

SOURCE = pathlib.Path(sys.argv[1])
RUN = '''#!/bin/sh
# quantoaster-gtk --headless run -c CONFIG --run-dir DIR, or run --resume DIR, or the same of quantoaster; stops
# where there is a file "stop"
[ "$1" = --headless ] && shift
for dir; do :; done
mkdir -p "$dir/images/demo"
echo "$2" >>"$dir/log.txt"
echo >"$dir/config.yaml"
if [ -e stop ]; then
    cp stop "$dir/$(cat stop)"
    exit 130
fi
printf 'set,PSNR,PSNR bicubic,Images\\ndemo,28.1,27.8,3\\n' >"$dir/validation_df.csv"
for kind in LR bicubic SR HR; do echo "$kind" >"$dir/images/demo/cat_$kind.png"; done
'''


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def make_place(root):
    shutil.copy(SOURCE / 'demo', root / 'demo')
    for name in ('resources/install-packages', 'bin/ninja', 'bin/meson'):
        write(root / name, '#!/bin/sh\n', 0o755)
    write(root / 'build/build.ninja', 'build ui/quantoaster-gtk: c_LINKER\n')
    for name in ('src/quantoaster', 'ui/quantoaster-gtk'):
        write(root / 'build' / name, RUN, 0o755)
    for name in ('configs/demo.yaml', 'configs/demo_valsets.yaml', 'data/demo/train.list'):
        write(root / name, name)


def start(root, *args):
    env = {**os.environ, 'PATH': '%s:%s' % (root / 'bin', os.environ['PATH'])}
    return subprocess.run([str(root / 'demo'), *args], capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL)


def demo(root, *args):
    done = start(root, *args)
    assert done.returncode == 0, done
    assert '28.10 dB, bicubic enlargement 27.80 dB, on 3 photos' in done.stdout, done.stdout
    assert 'LOGS/demo/images/demo/cat_{LR,bicubic,SR,HR}.png' in done.stdout, done.stdout
    return done.stdout


def is_kept(root, *args):
    return 'Done before' in demo(root, *args)


def test_a_second_start_shows_what_is_kept(root):
    assert not is_kept(root)
    assert is_kept(root)
    assert not is_kept(root, '--again')
    write(root / 'LOGS/demo/mine.png', 'an enlargement')
    assert is_kept(root)


def test_a_damaged_result_is_made_anew(root):
    picture, table = root / 'LOGS/demo/images/demo/cat_SR.png', root / 'LOGS/demo/validation_df.csv'
    damages = {'deleted': picture.unlink, 'emptied': lambda: table.write_text(''),
               'changed': lambda: picture.write_text('x'), 'gone': lambda: shutil.rmtree(root / 'LOGS'),
               'only the key': lambda: write(root / 'LOGS/demo/demo-key', demo_key.splitlines()[0] + '\n')}
    demo(root)
    demo_key = (root / 'LOGS/demo/demo-key').read_text()
    for name, damage in damages.items():
        damage()
        said = demo(root)
        assert 'Done before' not in said, name
        assert ('missing or changed' in said) == (name != 'gone'), (name, said)
        assert is_kept(root), name


def test_other_photos_or_settings_are_another_demo(root):
    demo(root)
    for name in ('configs/demo.yaml', 'data/demo/train.list'):
        write(root / name, 'other')
        assert not is_kept(root) and is_kept(root), name


def stop(root, leaves):
    shutil.rmtree(root / 'LOGS', ignore_errors=True)
    write(root / 'stop', leaves)
    done = start(root)
    assert done.returncode == 130 and './demo goes on' in done.stderr, done
    (root / 'stop').unlink()


def begun_as(root):
    return (root / 'LOGS/demo/log.txt').read_text().split()


def test_a_stopped_run_goes_on(root):
    for leaves in ('checkpoint.safetensors', 'supernet_checkpoint.safetensors'):
        stop(root, leaves)
        said = demo(root)
        assert 'goes on where it stopped' in said and 'made anew.' not in said, said
        assert begun_as(root) == ['-c', '--resume'], begun_as(root)
        assert is_kept(root)
        assert not (root / 'LOGS/demo/demo-begun').exists()


def test_another_run_that_stopped_is_made_anew(root):
    changes = {'again': lambda: None, 'nothing saved': lambda: (root / 'LOGS/demo/checkpoint.safetensors').unlink(),
               'settings': lambda: write(root / 'configs/demo.yaml', 'other'),
               'not the demo': lambda: (root / 'LOGS/demo/demo-begun').unlink()}
    for name, change in changes.items():
        stop(root, 'checkpoint.safetensors')
        change()
        said = demo(root, *(['--again'] if name == 'again' else []))
        assert begun_as(root) == ['-c'], (name, begun_as(root))
        assert ('it is made anew.' in said) == (name != 'again'), (name, said)
        assert is_kept(root), name


def moved_aside(root):
    return sorted((root / 'LOGS').glob('demo-*'))


def test_what_others_left_there_is_moved_aside(root):
    changes = {'settings': lambda: write(root / 'configs/demo.yaml', 'other'),
               'program': lambda: write(root / 'build/ui/quantoaster-gtk', RUN + '# newer', 0o755),
               'again': lambda: None}
    for count, (name, change) in enumerate(changes.items(), 1):
        demo(root)
        write(root / 'LOGS/demo/mine.png', name)
        change()
        said = demo(root, *(['--again'] if name == 'again' else []))
        assert 'Done before' not in said, name
        asides = moved_aside(root)
        assert len(asides) == count and not (root / 'LOGS/demo/mine.png').exists(), (name, asides)
        newest = [aside for aside in asides if (aside / 'mine.png').read_text() == name]
        assert len(newest) == 1 and (newest[0] / 'validation_df.csv').exists(), name
        assert 'LOGS/' + newest[0].name in said, said


def test_a_changed_result_is_moved_aside(root):
    demo(root)
    write(root / 'LOGS/demo/images/demo/cat_SR.png', 'retouched')
    demo(root)
    asides = moved_aside(root)
    assert len(asides) == 1 and (asides[0] / 'images/demo/cat_SR.png').read_text() == 'retouched', asides


def test_the_demos_own_results_do_not_pile_up(root):
    demo(root)
    demo(root, '--again')
    write(root / 'configs/demo.yaml', 'other')
    demo(root)
    assert moved_aside(root) == [] and begun_as(root) == ['-c'], moved_aside(root)


def test_a_build_without_the_window_does(root):
    write(root / 'build/build.ninja', 'build src/quantoaster: c_LINKER\n')
    for stale in (True, False):
        if not stale:
            (root / 'build/ui/quantoaster-gtk').unlink()
            write(root / 'configs/demo.yaml', 'other')
        said = demo(root)
        assert 'quantoaster-gtk' not in said and '-Dgui=enabled' in said, said
        assert is_kept(root)
        write(root / 'build/src/quantoaster', RUN + '# newer %s' % stale, 0o755)
        assert not is_kept(root)


@contextlib.contextmanager
def place():
    with tempfile.TemporaryDirectory() as folder:
        make_place(pathlib.Path(folder))
        yield pathlib.Path(folder)


if __name__ == '__main__':
    sys.exit(run_tests(globals(), place))

#!/usr/bin/env python3
"""Tests of kept.py on a small repository, as TAP."""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

from tap import Skip, run_tests

KEPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'kept.py')
LINES = 'skipped b/x: no data\n7 passed, 0 failed, 1 skipped\n'


class Place:
    """A repository with a file of each kind, a made-up device program and reference data."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if k not in ('CI', 'QTR_SHARED')}
        self.environment['QTR_SHARED'] = os.path.join(folder, 'shared')
        self.repository = os.path.join(folder, 'repository')
        self.write('shared/golden.bin', 'reference')
        self.write('repository/tracked.c', 'int x;')
        self.write('repository/.gitignore', '/build*/\n*.o\n')
        self.device('a CPU')
        self.git('init', '-q')
        self.git('add', '.')
        self.write('repository/untracked.c', 'int y;')

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def device(self, name):
        self.write('repository/build/devices', '#!/bin/sh\n[ "$*" = "devices --json" ] && echo %s\n' % name)
        os.chmod(os.path.join(self.repository, 'build/devices'), 0o755)

    def git(self, *command):
        subprocess.run(['git', *command], cwd=self.repository, env=self.environment, check=True)

    def kept(self, command, *more, text=''):
        words = [sys.executable, KEPT, command]
        words += [] if command == 'sources' else ['build/kept.json', 'build/devices']
        done = subprocess.run(words + list(more), cwd=self.repository, env=self.environment, input=text,
                              stdout=subprocess.PIPE, universal_newlines=True, check=False)
        return done.returncode, done.stdout

    def passed(self):
        """A run that passed."""
        self.kept('keep', self.kept('sources')[1].strip(), text=LINES)


def test_shown_while_nothing_changes(place):
    assert place.kept('show') == (1, '')
    place.passed()
    status, text = place.kept('show')
    assert status == 0, text
    assert 'kept' in text and './check --again' in text, text
    assert text.endswith(LINES), text
    place.write('repository/build/object.o', 'new')
    assert place.kept('show')[0] == 0


def check_dropped(place, change):
    place.passed()
    assert place.kept('show')[0] == 0
    change()
    assert place.kept('show') == (1, '')


def test_tracked_file_changed(place):
    check_dropped(place, lambda: place.write('repository/tracked.c', 'int z;'))


def test_tracked_file_gone(place):
    check_dropped(place, lambda: os.unlink(os.path.join(place.repository, 'tracked.c')))


def test_untracked_file_changed(place):
    check_dropped(place, lambda: place.write('repository/untracked.c', 'int z;'))


def test_file_added(place):
    check_dropped(place, lambda: place.write('repository/new.c', ''))


def test_file_may_be_executed(place):
    check_dropped(place, lambda: os.chmod(os.path.join(place.repository, 'tracked.c'), 0o755))


def test_reference_changed(place):
    check_dropped(place, lambda: place.write('shared/golden.bin', 'other reference'))


def test_other_device(place):
    check_dropped(place, lambda: place.device('a GPU'))


def test_no_device_program(place):
    check_dropped(place, lambda: os.unlink(os.path.join(place.repository, 'build/devices')))


def test_environment(place):
    for name in ('CI', 'QTR_TEST', 'POCL_MAX_PTHREAD_COUNT', 'CFLAGS'):
        check_dropped(place, lambda name=name: place.environment.update({name: 'true'}))
        del place.environment[name]
    place.passed()
    place.environment['EDITOR'] = 'ed'
    assert place.kept('show')[0] == 0


def test_damaged_file(place):
    for text in ('', '{', '[]', '{"sources": 1}'):
        check_dropped(place, lambda text=text: place.write('repository/build/kept.json', text))


def test_nothing_kept_of_sources_changed_meanwhile(place):
    before = place.kept('sources')[1].strip()
    place.write('repository/tracked.c', 'int z;')
    place.kept('keep', before, text=LINES)
    assert place.kept('show') == (1, '')


def test_without_git(place):
    """An unpacked archive is no repository."""
    shutil.rmtree(os.path.join(place.repository, '.git'))
    place.passed()
    place.write('repository/build/object.o', 'new')
    assert place.kept('show')[0] == 0
    check_dropped(place, lambda: place.write('repository/untracked.c', 'int z;'))
    check_dropped(place, lambda: place.write('repository/sub/build/new.c', ''))


@contextlib.contextmanager
def place():
    if not shutil.which('git'):
        raise Skip('git is not installed')
    with tempfile.TemporaryDirectory() as folder:
        yield Place(folder)


if __name__ == '__main__':
    sys.exit(run_tests(globals(), place))

#!/usr/bin/env python3
"""Two windows, each a process of its own as two users or two sessions have it, on one run that really
searches: either stops it, either goes on with it, and both at once do not. Looked at is what they do to
the run: its processes and its events.

Usage: test-two-windows.py PROGRAM SOURCE
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 180  # seconds; the machine may be busy
SETTINGS = """
dataset: {{files_list: {source}/data/demo, batch_size: 2, crop_size: 8, search_subsample: 0.1}}
arch:
  bits: [8]
  c_fixed: 4
  arch_pattern: {{head: 1, body: 1, skip: 1, upsample: 1, tail: 0}}
  primitives: {{head: [simple_3x3], body: [simple_3x3, simple_1x1], skip: [simple_1x1], upsample: [simple_3x3]}}
search: {{epochs: 100000, warm_up: 0}}
env: {{seed: 1, workers: 1, print_freq: 1000}}
"""


class Run:
    """A run folder, read from outside."""

    def __init__(self, folder):
        self.folder = folder

    def events(self):
        try:
            text = (self.folder / 'events.jsonl').read_text()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith('\n')]

    def count(self, kind):
        return sum(event['type'] == kind for event in self.events())

    def pid(self):
        """Of the process at work; None once it said that it finished."""
        told = [e for e in self.events() if e['type'] in ('started', 'resumed', 'finished')]
        return told[-1].get('pid') if told and told[-1]['type'] != 'finished' else None


class Window:
    """One process of the application that shows the run; with settings and a home of its own."""

    def __init__(self, program, run, home):
        settings = home / 'config/glib-2.0/settings/keyfile'
        settings.parent.mkdir(parents=True)
        # Tests beside this one would leave the runs too little of the processor.
        settings.write_text('[io/github/quantoaster/QuanToaster]\nruns-give-way=false\n')
        environment = dict(os.environ, HOME=str(home), XDG_DATA_HOME=str(home / 'data'),
                           XDG_CONFIG_HOME=str(home / 'config'), GSETTINGS_BACKEND='keyfile',
                           DBUS_SESSION_BUS_ADDRESS='disabled:')
        self.process = subprocess.Popen([program, str(run.folder)], env=environment)
        self.window = until('a window', self.find)

    def find(self):
        found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--pid', str(self.process.pid)],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        return found.stdout.split()[-1] if found.stdout.split() else None

    def press(self, keys):
        subprocess.run(['xdotool', 'windowfocus', '--sync', self.window, 'key', keys], check=True)


def until(what, holds):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    sys.exit('%s: not within %d seconds' % (what, PATIENCE))


def check(what, holds):
    if not holds:
        sys.exit('not so: ' + what)
    print('ok: ' + what, flush=True)


def is_alive(pid):
    try:
        state = pathlib.Path('/proc/%d/stat' % pid).read_text().rsplit(')', 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != 'Z'


def press_until(windows, keys, what, holds):
    """A window takes a moment to show what there is to press."""
    def tried():
        for window in windows:
            window.press(keys)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            if holds():
                return True
            time.sleep(0.05)
        return False
    until(what, tried)
    print('ok: ' + what, flush=True)


def stop(run, windows, first, what):
    """However often it is asked to, it saves and says so."""
    pid, finished = run.pid(), run.count('finished')
    press_until(windows, 'alt+s', what, lambda: not is_alive(pid))
    # A window that has not noticed yet would ask whether it may close.
    until('whoever began it knows', lambda: pid == first.pid or not pathlib.Path('/proc/%d' % pid).exists())
    check('it has saved', run.count('finished') == finished + 1)


def test(program, source, scratch):
    run = Run(scratch / 'run')
    config = scratch / 'config.yaml'
    config.write_text(SETTINGS.format(source=source))
    first = subprocess.Popen([program, '--headless', 'search', '-q', '-c', str(config), '--run-dir', str(run.folder)])
    until('a search', lambda: run.count('epoch') >= 2 or first.poll() is not None)
    check('a search goes', first.poll() is None)
    windows = [Window(program, run, scratch / name) for name in ('a', 'b')]

    stop(run, windows[:1], first, 'the first window stops a search that neither began')
    check('it ended as one that can go on', first.wait() == 130)
    press_until(windows[1:], 'alt+r', 'the second window goes on with it', lambda: run.count('resumed') == 1)
    stop(run, windows[:1], first, "the first window stops the second one's")

    press_until(windows * 2, 'alt+r', 'both go on with it', lambda: run.count('resumed') >= 2)
    epochs = run.count('epoch')
    until('the search goes', lambda: run.count('epoch') > epochs + 2)
    check('but only one does', run.count('resumed') == 2)
    check('no window ended', all(window.process.poll() is None for window in windows))
    stop(run, windows, first, 'both stop it')
    sequence = [event['seq'] for event in run.events()]
    check('each event came once and in its order', sequence == sorted(set(sequence)))
    for window in windows:
        window.press('ctrl+q')
        until('the window closes', lambda w=window: w.process.poll() is not None)
        check('a window ends well', window.process.returncode == 0)


def main():
    if not shutil.which('xdotool') or not os.environ.get('DISPLAY'):
        print('skipped: there is no display, or no xdotool')
        sys.exit(77)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix='qtr-gui-'))
    os.setpgid(0, 0)
    try:
        test(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), scratch)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)  # whatever still goes
        shutil.rmtree(scratch, ignore_errors=True)


main()

"""A folder of tiny pictures to run the program in, and the runner of the tests that do."""
import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import time

from pictures import photo, write_png

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap  # noqa: E402
from tap import expect  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
CONFIG = '''
dataset: {scale: 2, search_subsample: 0.6, batch_size: 2, crop_size: 10, files_list: data}
arch:
  bits: [8, 4]
  c_fixed: 6
  scale: 2
  arch_pattern: {head: 1, skip: 1, tail: 1, body: 1, upsample: 1}
  body_cells: 1
  skip_mode: False
  primitives:
    head: [simple_3x3, simple_1x1]
    body: [simple_3x3, conv_3x1_1x3]
    skip: [simple_1x1, simple_3x3]
    tail: [simple_3x3, simple_1x1]
    upsample: [simple_3x3, simple_1x1]
env: {run_name: tiny, log_dir: logs, workers: 2, seed: 3, validation_sets: sets.yaml}
search: {warm_up: 1, epochs: 3, penalty: 0.001, quant_noise: True, w_lr: 1e-3, alpha_lr: 1e-2}
train: {warm_up: 1, epochs: 3, lr: 1e-3}
'''


def make_workplace(folder):
    for sub in ('data', 'lr', 'hr'):
        os.mkdir(os.path.join(folder, sub))
    for i in range(8):
        write_png(os.path.join(folder, 'data', 'p%d.png' % i), 40, 36, 3, 8, photo(i))
    for i in range(2):
        write_png(os.path.join(folder, 'hr', 'v%d.png' % i), 48, 40, 3, 8, photo(i + 20))
        write_png(os.path.join(folder, 'lr', 'v%d.png' % i), 24, 20, 3, 8,
                  lambda x, y, c, s=photo(i + 20): s(2 * x, 2 * y, c))
    files = {'data/train.list': ''.join('p%d.png\n' % i for i in range(8)),
             'data/val.list': '../hr/v0.png\n../hr/v1.png\n',
             'sets.yaml': 'Tiny: {data_processed_lr: lr, data_processed_hr: hr}\n',
             'tiny.yaml': CONFIG}
    for name, text in files.items():
        with open(os.path.join(folder, name), 'w') as f:
            f.write(text)


class Place:
    """A folder with pictures, lists and a configuration."""

    def __init__(self, folder, make_ready=None):
        self.folder = folder
        self._make_ready = make_ready
        make_workplace(folder)

    @property
    def ready(self):
        """A whole run with this configuration, elsewhere: only to be read."""
        return self._make_ready()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def call(self, *args, code=0):
        done = subprocess.run([PROGRAM, *args], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        expect(done.returncode == code, args, done.returncode, done.stdout, done.stderr)
        return done

    def run(self, name, *args, code=0):
        self.call('run', '-c', 'tiny.yaml', '--run-dir', name, *args, code=code)
        return self.path(name)

    def start(self, *args):
        return subprocess.Popen([PROGRAM, *args], cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def events(run):
    with open(os.path.join(run, 'events.jsonl')) as f:
        return [json.loads(line) for line in f if line.endswith('\n')]


def same_weights(a, b):
    for name in ('best.safetensors', 'checkpoint.safetensors', 'best_arch.gen'):
        with open(os.path.join(a, name), 'rb') as f, open(os.path.join(b, name), 'rb') as g:
            expect(f.read() == g.read(), name, a, b)


def contents(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(root, name), 'rb') as f:
                found[os.path.join(root, name)] = f.read()
    return found


def wait_for(condition, process, seconds=300):
    end = time.time() + seconds
    while not condition():
        expect(process.poll() is None, 'ended too early', process.returncode)
        expect(time.time() < end, 'waited too long')
        time.sleep(0.02)


def run_tests(names):
    """The tests of `names`, or those named on the command line, in a place each; returns the exit status."""
    def folder():
        return tempfile.TemporaryDirectory(prefix='qtr-run-', ignore_cleanup_errors=True)

    with folder() as common:
        ready = functools.cache(lambda: Place(common).run('ready'))

        @contextlib.contextmanager
        def place():
            with folder() as own:
                yield Place(own, ready)

        return tap.run_tests(names, place, sys.argv[2:])

"""A folder of tiny pictures to run the program in, and the runner of the tests that do."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from pictures import photo, write_png

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


class Skip(Exception):
    pass


def expect(condition, *shown):
    if not condition:
        raise AssertionError(' '.join(repr(s)[:2000] for s in shown))


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
    """A folder with pictures, lists and a configuration. `ready` is a whole run with it, made elsewhere."""

    def __init__(self, folder, ready=None):
        self.folder = folder
        self.ready = ready
        make_workplace(folder)

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


def wait_for(condition, process, seconds=300):
    end = time.time() + seconds
    while not condition():
        expect(process.poll() is None, 'ended too early', process.returncode)
        expect(time.time() < end, 'waited too long')
        time.sleep(0.02)


def run_tests(names):
    """Runs the test_ functions of `names`, or those named on the command line; prints TAP, returns the exit status."""
    tests = [(n, f) for n, f in names.items() if n.startswith('test_') and f is not None]
    only = sys.argv[2:]
    tests = [t for t in tests if not only or t[0] in only]
    failed = 0
    print('1..%d' % len(tests))
    ready = tempfile.mkdtemp(prefix='qtr-run-')
    run = Place(ready).run('ready')
    for number, (name, function) in enumerate(tests, 1):
        folder = tempfile.mkdtemp(prefix='qtr-run-')
        try:
            function(Place(folder, run))
            print('ok %d - %s' % (number, name))
        except Skip as why:
            print('ok %d - %s # SKIP %s' % (number, name, why))
        except Exception as error:  # a broken case must not hide the others
            failed += 1
            print('# %s: %s' % (type(error).__name__, str(error).replace('\n', ' | ')))
            print('not ok %d - %s' % (number, name))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()
    shutil.rmtree(ready, ignore_errors=True)
    return 1 if failed else 0

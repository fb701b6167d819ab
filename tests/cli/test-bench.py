#!/usr/bin/env python3
"""Benchmarks and the measuring of a search. Usage: test-bench.py QUANTOASTER. Prints TAP."""
import json
import re
import signal
import subprocess
import sys

from place import PROGRAM, events, expect, run_tests


def test_measured_search(place):
    def measure(*args):
        out = place.call('space', '--json', '--measure', '-c', 'tiny.yaml', *args).stdout
        return json.loads(out)['measured']

    figures = measure('-g', '0')
    for name in ('compile_seconds', 'warm_up_step_seconds', 'evaluation_seconds', 'memory'):
        expect(figures[name] > 0, name, figures)
    expect(figures['step_seconds'] > figures['warm_up_step_seconds'], figures)
    expect(figures['images'] == 8 and figures['device'], figures)
    epoch = figures['epoch_steps'] * (figures['step_seconds'] + figures['evaluation_seconds'])
    expect(abs(figures['epoch_seconds'] - epoch) < 1e-9, figures)
    expect(2 * epoch < figures['search_seconds'] < 3 * epoch, figures)
    place.call('search', '-c', 'tiny.yaml', '--run-dir', 'run')
    expect(events(place.path('run'))[0]['epoch_steps'] == figures['epoch_steps'], figures)
    expect(measure('--set', 'dataset.batch_size=4')['memory'] > figures['memory'])
    expect(measure('--set', 'dataset.files_list=')['epoch_seconds'] is None)
    said = place.call('space', '-c', 'tiny.yaml', '--measure').stdout
    expect(' an epoch of %d steps' % figures['epoch_steps'] in said, said)
    expect('--measure' in place.call('space', '-c', 'tiny.yaml', '-g', '0', code=2).stderr)


def test_benchmark_has_no_rate_of_nothing(place):
    said = place.call('bench', '--rounds', '1', 'infer').stdout
    rows = [line.split() for line in said.splitlines() if re.match(r'  (pixel shuffle|convolution) ', line)]
    expect(len(rows) == 2 and [row[-3] for row in rows].count('-') == 1, said)
    expect(all(float(row[-1]) > 0 for row in rows), said)


def test_benchmark_stops_soon(place):
    done = place.call('bench', '--json', '--rounds', '1', 'train')
    (work,) = json.loads(done.stdout)['workloads']
    expect(work['workload'] == 'train' and work['best'] > 0 and work['operations'], work)
    expect(abs(sum(o['flops'] for o in work['operations']) - work['flops']) < 1, work)
    process = subprocess.Popen([PROGRAM, 'bench', 'train', 'infer', '--rounds', '1000000'], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    expect(process.stdout.readline(), 'the device is said before the first step')
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=100)
    expect(process.returncode == 130 and 'stopped while train' in said, process.returncode, said)


if __name__ == '__main__':
    sys.exit(run_tests(globals()))

#!/usr/bin/env python3
"""Batches of runs: grids and the random baseline. Usage: test-batches.py QUANTOASTER. Prints TAP."""
import csv
import glob
import os
import shutil
import signal
import sys

from place import events, expect, run_tests, wait_for


def running_trial(place, text):
    for path in glob.glob('/proc/[0-9]*/cmdline'):
        try:
            with open(path, 'rb') as f:
                words = f.read().decode(errors='replace').split('\0')
        except OSError:
            continue
        if '--run-dir' in words and any(text in w for w in words) and \
                any(w.startswith(place.folder) for w in words):
            return int(path.split('/')[2])
    return None


def trials(batch):
    with open(os.path.join(batch, 'summary.csv')) as f:
        return list(csv.DictReader(f))


def test_batch_with_a_trial_that_dies(place):
    args = ['batch', '-v', '0', '0.001', '-r', '2', '-d', 'grid', '-n', 'N', '-c', 'tiny.yaml', '-g', '0',
            '--set', 'search.epochs=12']
    process = place.start(*args)
    victim = 'N_penalty_0.001_trail_1'
    wait_for(lambda: running_trial(place, victim), process)
    os.kill(running_trial(place, victim), signal.SIGKILL)
    _, said = process.communicate(timeout=600)
    expect(process.returncode == 3, process.returncode, said)
    batch = place.path('logs', 'grid')
    rows = trials(batch)
    expect([r['state'] for r in rows] == ['done', 'failed', 'done', 'done'], rows)
    expect(all(float(r['PSNR Tiny']) > 0 for r in rows if r['state'] == 'done'))
    pattern = os.path.join(batch, 'trail_1', 'SEARCH_%s-*' % victim, 'ERROR.txt')
    with open(glob.glob(pattern)[0]) as f:
        expect('signal 9' in f.read())
    expect(glob.glob(os.path.join(batch, 'trail_2', 'TUNE_N_penalty_0_trail_2-*')))
    for name in ('pareto.svg', 'pareto.png'):
        expect(os.path.getsize(os.path.join(batch, name)) > 1000)
    expect(place.call(*args, code=3).returncode == 3)
    said = place.call(*args, '--retry-failed').stdout.splitlines()
    rows = [line for line in said if line.startswith('done ')]
    expect(len(rows) == 4 and all(' Tiny ' in r and ' dB (bicubic ' in r and ' GBitOps' in r for r in rows), said)
    expect(said[-2:] == [os.path.join(batch, 'summary.csv'), os.path.join(batch, 'pareto.png')], said)


def test_random_baseline_stopped_and_moved(place):
    args = ['sample', '-r', '1', '-s', '0', '-g', '0', '-c', 'tiny.yaml', '--set', 'train.epochs=60']
    process = place.start(*args, '-d', 'random')
    wait_for(lambda: glob.glob(place.path('logs', 'random', 'TUNE_*fp*', 'checkpoint.safetensors')), process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    expect(process.returncode == 130, process.returncode)
    os.rename(place.path('logs'), place.path('elsewhere'))
    os.rename(place.path('elsewhere', 'random'), place.path('elsewhere', 'moved'))
    place.call(*args, '-d', 'moved', '--set', 'env.log_dir=elsewhere')
    rows = trials(place.path('elsewhere', 'moved'))
    expect([(r['value'], r['state']) for r in rows] == [('fp', 'done'), ('quant', 'done')], rows)
    expect(float(rows[0]['BitOps(32x32)']) > float(rows[1]['BitOps(32x32)']))
    (run,) = glob.glob(place.path('elsewhere', 'moved', 'TUNE_*fp*'))
    expect('random_trail_0_fp' in run and any(e['type'] == 'resumed' for e in events(run)), run)


def test_renamed_batch_goes_on(place):
    short = ['--set', 'search.warm_up=0', '--set', 'search.epochs=1', '--set', 'train.epochs=2']
    args = ['batch', '-v', '0', '-n', 'N', '-c', 'tiny.yaml', *short]
    place.call(*args, '-d', 'a')
    before = trials(place.path('logs', 'a'))
    os.rename(place.path('logs', 'a'), place.path('logs', 'b'))
    place.call(*args, '-d', 'b', '-r', '2', '--set', 'env.workers=1')
    after = trials(place.path('logs', 'b'))
    expect(after[0] == before[0] and [r['state'] for r in after] == ['done'] * 2, before, after)
    done = place.call(*args, '-d', 'b', '-r', '2')
    expect('all 2 trials were done before; their summary is ' + place.path('logs', 'b', 'summary.csv') in
           done.stderr and '0 of 0' not in done.stderr, done.stderr)
    expect(len([line for line in done.stdout.splitlines() if line.startswith('done ')]) == 2, done.stdout)
    said = place.call(*args, '-d', 'b', '--set', 'dataset.batch_size=4', code=2).stderr
    expect('dataset.batch_size was 2 and would become 4' in said and '-n' in said, said)


def test_a_result_that_is_gone_is_made_again_when_asked(place):
    short = ['--set', 'search.warm_up=0', '--set', 'search.epochs=1', '--set', 'train.epochs=2']
    place.call('batch', '-v', '0', '0.1', '-n', 'N', '-d', 'b', '-c', 'tiny.yaml', *short)
    batch = place.path('logs', 'b')
    before = trials(batch)
    for folders in (['TUNE'], ['TUNE', 'SEARCH']):
        for folder in folders:
            shutil.rmtree(glob.glob(os.path.join(batch, 'trail_1', folder + '_N_penalty_0_trail_1-*'))[0])
        done = place.call('batch', '--resume', batch, code=3)
        expect('is gone' in done.stdout and '--retry-failed' in done.stderr, done.stdout, done.stderr)
        rows = trials(batch)
        expect([r['state'] for r in rows] == ['failed', 'done'] and rows[1] == before[1], rows)
        place.call('batch', '--resume', batch, '--retry-failed')
        expect([r['PSNR Tiny'] for r in trials(batch)] == [r['PSNR Tiny'] for r in before], before)


def test_batch_of_two_grids_goes_on_as_it_is(place):
    args = ['-n', 'N', '-d', 'mixed', '-c', 'tiny.yaml', '--set', 'search.warm_up=0', '--set', 'search.epochs=1',
            '--set', 'train.epochs=20']
    process = place.start('batch', '-v', '0', '0.1', '-g', '0', *args)
    wait_for(lambda: glob.glob(place.path('logs', 'mixed', 'trail_1', 'TUNE_*', 'checkpoint.safetensors')), process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    expect(process.returncode == 130, process.returncode)
    place.call('batch', '-k', 'w_lr', '-v', '2e-3', '-g', '0', *args)
    moved = place.path('my runs #2')
    os.rename(place.path('logs', 'mixed'), moved)
    os.rename(place.path('data'), place.path('photos'))
    said = place.call('batch', '--resume', moved, code=2).stderr
    expect('data/train.list' in said and 'config_N.yaml' in said, said)
    os.rename(place.path('photos'), place.path('data'))
    place.call('batch', '--resume', moved)
    rows = trials(moved)
    expect([(r['key'], r['value'], r['state']) for r in rows] ==
           [('penalty', '0', 'done'), ('penalty', '0.1', 'done'), ('w_lr', '2e-3', 'done')], rows)
    expect(not os.path.exists(place.path('logs', 'mixed')))
    expect('all 3 trials were done before' in place.call('batch', '--resume', moved).stderr)


if __name__ == '__main__':
    sys.exit(run_tests(globals()))

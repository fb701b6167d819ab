#!/usr/bin/env python3
"""The main job from end to end on tiny pictures. Usage: test-run.py QUANTOASTER. Prints TAP."""
import csv
import glob
import json
import os
import re
import subprocess
import sys

from pictures import photo, png_kind, write_png
from place import PROGRAM, events, expect, run_tests, same_weights
from tap import Skip

SHARED = os.environ.get('QTR_SHARED', '')
ROOT = os.environ.get('QTR_SOURCE_ROOT') or os.path.join(os.path.dirname(__file__), '..', '..')


def test_run_leaves_everything(place):
    run = place.ready
    for name in ('config.yaml', 'log.txt', 'events.jsonl', 'best_arch.gen', 'arch_0.gen', 'arch_2.gen',
                 'arch_images/arch_0.png', 'best.safetensors', 'checkpoint.safetensors',
                 'supernet_best.safetensors', 'validation_df.csv', 'images/Tiny/v0_LR.png',
                 'images/Tiny/v0_SR.png', 'images/Tiny/v0_HR.png', 'tb/events.out.tfevents.*'):
        expect(glob.glob(os.path.join(run, name)), name)
    expect(not os.path.exists(os.path.join(run, 'ERROR.txt')))
    expect(png_kind(os.path.join(run, 'images/Tiny/v0_SR.png')) == (48, 40, 3, 8))
    kinds = [e['kind'] for e in events(run) if e['type'] == 'started']
    expect(kinds == ['search', 'train', 'validate'], kinds)
    expect([e['state'] for e in events(run) if e['type'] == 'finished'] == ['done'] * 3)
    with open(os.path.join(run, 'validation_df.csv')) as f:
        rows = list(csv.DictReader(f))
    expect(rows[0]['set'] == 'Tiny' and 0 < float(rows[0]['PSNR']) < 60, rows)


def test_bitops_are_the_same_figure_everywhere(place):
    run = place.ready
    with open(os.path.join(run, 'validation_df.csv')) as f:
        bitops = float(next(csv.DictReader(f))['BitOps(32x32)'])
    with open(os.path.join(run, 'best_arch.gen')) as f:
        genotype = f.read().strip()
    found = [e for e in events(run) if e['type'] == 'epoch' and e['genotype'] == genotype]
    expect(found and all(abs(e['bitops_32'] / bitops - 1) < 1e-9 for e in found), bitops, found)
    with open(os.path.join(run, 'log.txt')) as f:
        lines = re.findall(r'epoch +(\d+)/.* ([0-9.e+-]+) GBitOps', f.read())
    for e in found:
        expect((str(e['epoch'] + 1), f'{bitops * 1e-9:.3g}') in lines, bitops, lines)


def losses(run, kind):
    return [e[kind] for e in events(run) if e['type'] == 'epoch']


def layers_of(run):
    """{'head': [('simple_3x3', 8)], ...}"""
    with open(os.path.join(run, 'best_arch.gen')) as f:
        text = f.read()
    return {block: re.findall(r"\('(\w+)', (\d+)\)", genes)
            for block, genes in re.findall(r'(\w+)=\[(.*?)\]', text)}


def test_settings_less_often_used(place):
    one_epoch = ['search.warm_up=0', 'search.epochs=1']
    cases = {'plain': [],
             'sgd': ['search.optimizer=sgd', 'search.w_momentum=0.5'],
             'sparse': ['search.sparse_type=l1_softmax', 'search.sparse_coef=0.1'],
             'upsample': ['arch.arch_pattern.upsample=2', *one_epoch],
             'no tail': ['arch.arch_pattern.tail=0', 'search.quant_noise=False', *one_epoch],
             'bits 2': ['arch.bits=[8, 4, 2]', 'search.alpha_selector=gumbel', 'train.warm_up=0'],
             'bits 32': ['arch.bits=[32, 4]', 'search.alpha_selector=hard_gumbel', 'arch.skip_mode=True',
                         'search.lr_scheduler=linear', 'train.lr_scheduler=linear']}
    for name, settings in cases.items():
        place.run(name, '-q', '--set', 'search.epochs=2', '--set', 'train.epochs=12',
                  *[word for setting in settings for word in ('--set', setting)])
        run = place.path(name)
        expect([e['state'] for e in events(run) if e['type'] == 'finished'] == ['done'] * 3, name)
        bits = {'bits 2': {'8', '4', '2'}, 'bits 32': {'32', '4'}}.get(name, {'8', '4'})
        found = layers_of(run)
        expect({b for genes in found.values() for _, b in genes} <= bits, name, found)
        counts = {'head': 1, 'body': 1, 'skip': 1, 'tail': 0 if name == 'no tail' else 1,
                  'upsample': 2 if name == 'upsample' else 1}
        expect({block: len(genes) for block, genes in found.items()} == counts, name, found)
        trained = [e for e in events(run) if e['type'] == 'epoch' and e['phase'] == 'train']
        expect(len(trained) == 12 and trained[-1]['train_loss'] < trained[0]['train_loss'], name, trained)
    for name in ('sgd', 'sparse'):
        plain, other = losses(place.path('plain'), 'val_loss'), losses(place.path(name), 'val_loss')
        expect(plain[:2] != other[:2], name, plain, other)


def test_drawings_go_where_im_dir_says(place):
    run = place.run('run', '--set', 'env.im_dir=pictures', '--set', 'env.validation_sets=')
    expect(sorted(os.listdir(os.path.join(run, 'pictures'))) ==
           ['arch_0.png', 'arch_1.png', 'arch_2.png', 'trained.png'])
    (drawn,) = {os.path.dirname(e['path']) for e in events(run) if e['type'] == 'picture'}
    expect(drawn == 'pictures', drawn)
    for name in ('arch_images', 'images'):
        expect(not os.path.exists(os.path.join(run, name)), name)


def test_no_images_no_folder(place):
    os.remove(place.path('data', 'train.list'))
    os.makedirs(place.path('logs'))
    for command in ('run', 'search'):
        said = place.call(command, '-c', 'tiny.yaml', code=2).stderr
        expect('train.list' in said and 'quantoaster prep' in said, said)
    with open(place.path('g.gen'), 'w') as f:
        f.write("Genotype_SR(head=[('simple_3x3', 8)], body=[('simple_3x3', 4)], tail=[('simple_3x3', 8)], "
                "skip=[('simple_1x1', 4)], upsample=[('simple_3x3', 8)])")
    said = place.call('train', '-c', 'tiny.yaml', '--genotype', 'g.gen', code=2).stderr
    expect('quantoaster prep' in said, said)
    said = place.call('batch', '-v', '0', '-c', 'tiny.yaml', code=2).stderr
    expect('quantoaster prep' in said, said)
    expect(os.listdir(place.path('logs')) == [])


def test_warnings_are_events(place):
    write_png(place.path('data', 'small.png'), 8, 9, 3, 8, photo(1))
    with open(place.path('data', 'train.list'), 'a') as f:
        f.write('small.png\n' * 5)
    done = place.call('search', '-c', 'tiny.yaml', '--run-dir', 'run')
    said = [e['message'] for e in events(place.path('run')) if e['type'] == 'warning']
    expect(len([w for w in said if '5 images left out' in w and 'small.png (8 x 9)' in w]) == 1, said)
    expect(all('warning: ' + w in done.stderr for w in said) and len(set(said)) == len(said), said)
    with open(place.path('run', 'log.txt')) as f:
        log = f.read()
    lines = [line for line in done.stderr.splitlines() if line.startswith('epoch ')]
    expect(len(lines) == 3 and all(' GBitOps ' in line and len(line) < 80 for line in lines), lines)
    expect(sum(line in log for line in lines) == 3 and '8 images: 2 train weights' in log, log)
    etas = [e['eta'] for e in events(place.path('run')) if e['type'] == 'step']
    expect(etas[-1] == 0 and all(eta is None or eta >= 0 for eta in etas), etas)


def test_same_seed_same_weights(place):
    same_weights(place.ready, place.run('again'))
    with open(os.path.join(place.ready, 'best.safetensors'), 'rb') as f:
        first = f.read()
    with open(os.path.join(place.run('other', '--seed', '4'), 'best.safetensors'), 'rb') as f:
        expect(f.read() != first)


def test_an_unknown_device_leaves_no_folder(place):
    said = place.call('run', '-c', 'tiny.yaml', '-g', 'no such device', code=2).stderr
    expect('no such device' in said and not os.path.exists(place.path('logs')), said)


def test_a_folder_whose_name_is_no_utf8(place):
    """What config.yaml cannot hold is refused before there is a folder, not found out by --resume."""
    folder = os.fsencode(place.path('B')) + b'\xfccher'
    os.mkdir(folder)
    for name in ('data', 'hr', 'lr', 'tiny.yaml', 'sets.yaml'):
        os.rename(os.path.join(os.fsencode(place.folder), name.encode()), os.path.join(folder, name.encode()))
    for command in ('run', 'search'):
        done = subprocess.run([PROGRAM, command, '-c', 'tiny.yaml', '--json'], cwd=folder, capture_output=True)
        said = done.stderr.decode()
        expect(done.returncode == 2, done)
        expect('dataset.files_list: the path ' in said and 'B\ufffdcher/data is not UTF-8' in said, said)
        expect('env.log_dir: the path ' in said and 'B\ufffdcher/logs is not UTF-8' in said, said)
        expect(json.loads(done.stdout.decode().splitlines()[-1])['type'] == 'error', done.stdout)
        expect(b'logs' not in os.listdir(folder))


def test_draw_finds_the_configuration_beside(place):
    short = ['--set', 'search.warm_up=0', '--set', 'search.epochs=1', '--set', 'train.epochs=1',
             '--set', 'train.warm_up=0', '--set', 'arch.body_cells=2']
    place.run('run', *short)
    place.call('draw', 'run/best_arch.gen', '-o', 'a.svg')
    place.call('draw', '-c', 'run/config.yaml', 'run/best_arch.gen', '-o', 'b.svg')
    place.call('draw', '-c', 'tiny.yaml', 'run/best_arch.gen', '-o', 'c.svg')
    a, b, c = (open(place.path(name)).read() for name in ('a.svg', 'b.svg', 'c.svg'))
    expect(a == b and a != c)


def test_time_left_expects_the_alphas(place):
    """A step of the warm-up is one pass over a batch, later ones are two."""
    done = place.call('search', '-c', 'tiny.yaml', '--run-dir', 'run', '--json', '--set', 'search.epochs=3')
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [e['steps'] for e in events(place.path('run')) if e['type'] == 'step'][0]
    totals = {e['total'] for e in shown if e['type'] == 'progress' and e['phase'] == 'search'}
    expect(totals == {steps + 2 * 2 * steps}, totals, steps)


def test_load_path_starts_from_a_supernet(place):
    run = place.ready
    weights = os.path.join(run, 'supernet_best.safetensors')
    place.call('search', '-c', 'tiny.yaml', '--run-dir', 'second', '--set',
               'search.load_path=' + weights, '--set', 'search.warm_up=0', '--set', 'search.epochs=1')
    first = [e['train_loss'] for e in events(run) if e['type'] == 'epoch' and e['phase'] != 'train']
    second = [e['train_loss'] for e in events(place.path('second')) if e['type'] == 'epoch']
    expect(second[0] < first[0], first, second)
    said = place.call('search', '-c', 'tiny.yaml', '--run-dir', 'third', '--set',
                      'search.load_path=' + weights, '--set', 'arch.c_fixed=9', code=1).stderr
    expect('supernet_best' in said, said)


def test_numbers_that_run_away_stop_the_run(place):
    said = place.call('search', '-c', 'tiny.yaml', '--run-dir', 'nan', '--set', 'search.w_lr=1000',
                      '--set', 'search.w_grad_clip=1e9', code=1).stderr
    expect(said.count('diverged') == 1 and re.search(r'epoch \d, (step \d|validation): .* a smaller search\.w_lr', said), said)
    expect('train.lr' not in said, said)
    expect(events(place.path('nan'))[-1]['state'] == 'failed')


def test_images_too_small_to_be_measured_are_told(place):
    write_png(place.path('hr', 'icon.png'), 9, 30, 3, 8, photo(1))
    with open(place.path('data', 'val.list'), 'a') as f:
        f.write('../hr/icon.png\n')
    done = place.call('train', '-c', 'tiny.yaml', '--run-dir', 'trained', '--genotype',
                      os.path.join(place.ready, 'best_arch.gen'), '--set', 'train.epochs=2')
    said = [e['message'] for e in events(place.path('trained')) if e['type'] == 'warning']
    expect(len(said) == 1 and '1 image left out: smaller than 10 x 10' in said[0] and 'icon.png (9 x 30)' in said[0], said)
    expect(done.stderr.count('icon.png') == 1, done.stderr)


def test_training_what_no_search_would_find(place):
    with open(place.path('other.gen'), 'w') as f:
        f.write("Genotype_SR(head=[('simple_3x3', 8)], body=[('simple_5x5', 6)], tail=[('simple_3x3', 8)], "
                "skip=[('simple_1x1', 4)], upsample=[('simple_3x3', 8)])")
    place.call('train', '-c', 'tiny.yaml', '--run-dir', 'trained', '--genotype', 'other.gen', '--set', 'train.epochs=2')
    said = [e['message'] for e in events(place.path('trained')) if e['type'] == 'warning']
    expect(len(said) == 1 and 'other.gen lies outside' in said[0] and 'body, layer 1: simple_5x5' in said[0], said)
    with open(place.path('trained', 'log.txt')) as f:
        expect(f.read().count(said[0]) == 1)


def test_golden_trajectory(place):
    places = [os.path.join(ROOT, 'tests', 'data', 'trajectory'), os.path.join(SHARED, 'golden', 'trajectory')]
    golden = next((p for p in places if os.path.isdir(p)), None)
    if not golden:
        raise Skip('none of %s is there' % places)
    place.call('search', '-c', os.path.join(golden, 'config.yaml'), '--run-dir', 'golden', '--set',
               'dataset.files_list=' + golden, '--set',
               'search.load_path=' + os.path.join(golden, 'init.safetensors'))
    with open(os.path.join(golden, 'expected.json')) as f:
        expected = json.load(f)['epochs']
    found = [e for e in events(place.path('golden')) if e['type'] == 'epoch']
    expect(len(found) == len(expected))
    for epoch, (a, b) in enumerate(zip(found, expected)):
        for name in ('train_loss', 'val_loss'):
            expect(abs(a[name] - b[name]) <= 1e-3 * b[name], epoch, name, a[name], b[name])
        layers = [layer for block in ('head', 'body', 'skip', 'upsample', 'tail')
                  for layer in b['alphas'][block]]
        ties = False
        for mine, theirs in zip(a['alphas'], layers):
            expect(max(abs(x - y) for x, y in zip(mine, theirs)) <= 2e-3, epoch, mine, theirs)
            best = sorted(theirs)[-2:]
            ties = ties or best[1] - best[0] <= 2e-3
        plain = [re.sub(r'\s', '', g['genotype']) for g in (a, b)]
        expect(ties or plain[0] == plain[1], epoch, plain)
        expect(ties or abs(a['best_cost'] - b['current_best_cost']) <= 1e-5 * b['current_best_cost'])


if __name__ == '__main__':
    sys.exit(run_tests(globals()))

#!/usr/bin/env python3
"""The main job from end to end on tiny pictures. Usage: test-run.py QUANTOASTER. Prints TAP."""
import csv
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys

from pictures import photo, png_kind, write_png
from place import PROGRAM, Skip, events, expect, run_tests, same_weights, wait_for

SHARED = os.environ.get('QTR_SHARED', '')
ROOT = os.environ.get('QTR_SOURCE_ROOT') or os.path.join(os.path.dirname(__file__), '..', '..')
LONG = ['--set', 'search.epochs=40', '--set', 'train.epochs=2']


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


def test_same_seed_same_weights(place):
    same_weights(place.ready, place.run('again'))
    with open(os.path.join(place.ready, 'best.safetensors'), 'rb') as f:
        first = f.read()
    with open(os.path.join(place.run('other', '--seed', '4'), 'best.safetensors'), 'rb') as f:
        expect(f.read() != first)


def interrupt(place, name, number, when):
    process = place.start('run', '-c', 'tiny.yaml', '--run-dir', name, *LONG)
    try:
        wait_for(lambda: when(place.path(name)), process)
        process.send_signal(number)
        process.communicate(timeout=120)
    finally:
        process.kill()
    return process.returncode


def epochs_done(run):
    path = os.path.join(run, 'events.jsonl')
    return sum(e['type'] == 'epoch' for e in events(run)) if os.path.exists(path) else 0


def test_interrupted_runs_go_on_bit_for_bit(place):
    whole = place.run('long', *LONG)
    for name, number, code in (('stopped', signal.SIGINT, 130), ('killed', signal.SIGKILL, -9)):
        status = interrupt(place, name, number, lambda run: epochs_done(run) >= 3)
        expect(status == code, status)
        expect(epochs_done(place.path(name)) < 40, 'it had ended already')
        expect(not os.path.exists(place.path(name, 'best.safetensors')) or
               not os.path.exists(place.path(name, 'validation_df.csv')))
        place.call('run', '--resume', name)
        same_weights(whole, place.path(name))


def test_interrupted_training_goes_on_bit_for_bit(place):
    train = ['--set', 'train.epochs=40']
    place.run('reference', *train)
    genotype = place.path('reference', 'best_arch.gen')
    args = ['train', '-c', 'tiny.yaml', '--genotype', genotype, *train]
    place.call(*args, '--run-dir', 'a')
    process = place.start(*args, '--run-dir', 'b')
    wait_for(lambda: epochs_done(place.path('b')) >= 2, process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    expect(process.returncode == 130, process.returncode)
    place.call('train', '--resume', 'b')
    same_weights(place.path('a'), place.path('b'))


def contents(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(root, name), 'rb') as f:
                found[os.path.join(root, name)] = f.read()
    return found


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


def test_what_cannot_be_resumed(place):
    short = ['--set', 'search.warm_up=0', '--set', 'search.epochs=1', '--set', 'train.epochs=2']
    run = place.run('done', *short)
    place.call('search', '-c', 'tiny.yaml', '--run-dir', 'searched', *short)
    before = contents(run), contents(place.path('searched'))
    for command, name in (('search', 'done'), ('train', 'done'), ('search', 'searched')):
        done = place.call(command, '--resume', name)
        expect('finished' in done.stderr and done.stdout == place.path(name) + '\n', done)
    for command, name in (('run', 'done'), ('train', 'done'), ('search', 'searched')):
        said = place.call(command, '-c', 'tiny.yaml', '--run-dir', name, code=2).stderr
        expect(name + ' holds a run' in said, said)
    said = place.call('train', '--resume', 'searched', code=2).stderr
    expect('holds a search' in said and 'search --resume' in said, said)
    for key, old, new in (('dataset.batch_size', '2', '4'), ('dataset.crop_size', '10', '12'),
                          ('arch.bits', '[8, 4]', '[8]'), ('arch.body_cells', '1', '2'),
                          ('arch.primitives.head', '[simple_3x3, simple_1x1]', '[simple_3x3]'),
                          ('search.alpha_selector', 'softmax', 'gumbel'), ('search.optimizer', 'adam', 'sgd'),
                          ('env.seed', '3', '9')):
        said = place.call('run', '--resume', 'done', '--set', '%s=%s' % (key, new), code=2).stderr
        expect('%s was %s and would become %s' % (key, old, new) in said, said)
    with open(os.path.join(run, 'best_arch.gen')) as f:
        genotype = f.read()
    with open(place.path('other.gen'), 'w') as f:
        f.write(genotype.replace('8', '@').replace('4', '8').replace('@', '4'))
    said = place.call('train', '--resume', 'done', '--genotype', 'other.gen', '--set', 'train.epochs=3',
                      code=2).stderr
    expect('other.gen' in said, said)
    expect(before == (contents(run), contents(place.path('searched'))))


def test_validate_leaves_a_run_as_it_is(place):
    weights = os.path.join(place.ready, 'best.safetensors')
    args = ['validate', '-w', weights, '--sets', 'sets.yaml', '--set', 'env.seed=9']
    shutil.copytree(place.ready, place.path('run'))
    shutil.copytree(place.ready, place.path('begun'), ignore=shutil.ignore_patterns('*.safetensors', '*.gen'))
    os.mkdir(place.path('early'))
    shutil.copy(place.path('run', 'config.yaml'), place.path('early'))
    open(place.path('early', 'events.jsonl'), 'w').close()
    for name in ('run', 'begun', 'early'):
        before = contents(place.path(name))
        said = place.call(*args, '--run-dir', name, code=2).stderr
        expect(name + ' holds a run' in said and 'run --resume %s --sets' % name in said, said)
        expect(before == contents(place.path(name)), name)
    place.call('run', '--resume', 'run', '--sets', 'sets.yaml')
    for seed in ('3', '4'):
        place.call(*args[:-1], 'env.seed=' + seed, '--run-dir', 'own')
        with open(place.path('own', 'config.yaml')) as f:
            expect('seed: ' + seed in f.read(), 'the folder of a validation may be used again')


def test_a_lost_checkpoint_is_no_new_beginning(place):
    place.call('search', '-c', 'tiny.yaml', '--run-dir', 'searched', '--set', 'search.epochs=2')
    place.call('train', '-c', 'tiny.yaml', '--run-dir', 'trained', '--genotype', 'searched/best_arch.gen')
    shutil.copytree(place.ready, place.path('whole'))
    shutil.copytree(place.path('trained'), place.path('bare'), ignore=shutil.ignore_patterns('events.jsonl'))
    cases = {'searched': ('search', 'run', 'train'), 'trained': ('train', 'run'), 'whole': ('train', 'run'),
             'bare': ('train', 'run')}
    for name, commands in cases.items():
        os.remove(place.path(name, 'checkpoint.safetensors'))
        before = contents(place.path(name))
        for command in commands:
            said = place.call(command, '--resume', name, code=2).stderr
            expect('checkpoint.safetensors' in said and '--run-dir' in said, name, command, said)
            said = place.call(command, '-c', 'tiny.yaml', '--run-dir', name, '--set',
                              'train.genotype_path=searched/best_arch.gen', code=2).stderr
            expect(name + ' holds a run' in said, name, command, said)
        expect(before == contents(place.path(name)), name)


def test_a_run_without_a_checkpoint_yet_begins_anew(place):
    shutil.copytree(place.ready, place.path('run'), ignore=shutil.ignore_patterns('checkpoint.*', 'best.*'))
    lines = [json.dumps(e) for e in events(place.ready)]
    trains = next(i for i, e in enumerate(events(place.ready)) if e.get('kind') == 'train')
    with open(place.path('run', 'events.jsonl'), 'w') as f:
        f.write(''.join(line + '\n' for line in lines[:trains + 1]))
    shutil.copytree(place.path('run'), place.path('first'), ignore=shutil.ignore_patterns('*.safetensors', '*.gen'))
    with open(place.path('first', 'events.jsonl'), 'w') as f:
        f.write(lines[0] + '\n')
    for name in ('run', 'first'):
        place.call('run', '--resume', name)
        same_weights(place.ready, place.path(name))


def test_a_training_without_a_checkpoint_yet_is_no_search(place):
    """Killed before the first save, or before even its beginning is an event."""
    genotype = os.path.join(place.ready, 'best_arch.gen')
    place.run('whole', '--genotype', genotype)
    lines = [json.dumps(e) for e in events(place.path('whole'))]
    for name, count in (('begun', 1), ('early', 0)):
        shutil.copytree(place.path('whole'), place.path(name), ignore=shutil.ignore_patterns('*.safetensors', '*.csv'))
        with open(place.path(name, 'events.jsonl'), 'w') as f:
            f.write(''.join(line + '\n' for line in lines[:count]))
        said = place.call('search', '--resume', name, code=2).stderr
        expect('holds a train, not a search' in said, said)
        with open(genotype) as f, open(place.path('other.gen'), 'w') as g:
            g.write(f.read().replace('8', '@').replace('4', '8').replace('@', '4'))
        said = place.call('run', '--resume', name, '--genotype', 'other.gen', code=2).stderr
        expect('other.gen' in said, said)
        place.call('run', '--resume', name)
        expect({e['kind'] for e in events(place.path(name)) if e['type'] == 'started'} == {'train', 'validate'})
        same_weights(place.path('whole'), place.path(name))


def test_time_left_expects_the_alphas(place):
    """A step of the warm-up is one pass over a batch, later ones are two."""
    done = place.call('search', '-c', 'tiny.yaml', '--run-dir', 'run', '--json', '--set', 'search.epochs=3')
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [e['steps'] for e in events(place.path('run')) if e['type'] == 'step'][0]
    totals = {e['total'] for e in shown if e['type'] == 'progress' and e['phase'] == 'search'}
    expect(totals == {steps + 2 * 2 * steps}, totals, steps)


def test_a_finished_run_says_what_it_found(place):
    first = place.call('run', '-c', 'tiny.yaml', '--run-dir', 'run', '--set', 'search.warm_up=0', '--set', 'search.epochs=1',
                       '--set', 'train.warm_up=0', '--set', 'train.epochs=1')
    before = contents(place.path('run'))
    again = place.call('run', '--resume', 'run')
    expect(again.stdout == first.stdout and 'PSNR' in again.stdout, again.stdout)
    expect('the training in run is finished' in again.stderr, again.stderr)
    expect('the validation in %s is finished' % place.path('run') in again.stderr, again.stderr)
    expect(before == contents(place.path('run')))
    place.call('run', '--resume', 'run', '--sets', 'sets.yaml')
    expect(before != contents(place.path('run')), 'asked for, it validates again')
    os.utime(place.path('run', 'best.safetensors'))
    os.utime(place.path('run', 'validation_df.csv'), (0, 0))
    again = place.call('run', '--resume', 'run')
    expect('the validation in' not in again.stderr, 'weights changed after it was validated', again.stderr)


def test_more_epochs_of_a_finished_run(place):
    run = place.run('run', '--set', 'train.epochs=2')
    checkpoint = place.path('run', 'checkpoint.safetensors')
    place.call('run', '--resume', 'run', '--set', 'train.epochs=4', '--set', 'env.workers=1',
               '--set', 'dataset.files_list=data')
    done = [e['epoch'] for e in events(run) if e['type'] == 'epoch' and e['phase'] == 'train']
    expect(done == [0, 1, 2, 3], done)
    with open(place.path('data', 'train.list'), 'a') as f:
        f.write('p0.png\n' * 8)
    before = contents(run)
    said = place.call('run', '--resume', 'run', '--set', 'train.epochs=5', code=2).stderr
    expect('the run has 4 steps an epoch, but 8' in said, said)
    expect(before == contents(run), 'a refusal leaves the folder as it was')
    with open(checkpoint, 'rb') as f:
        whole = f.read()
    with open(checkpoint, 'wb') as f:
        f.write(whole[:len(whole) // 2])
    said = place.call('train', '--resume', 'run', code=1).stderr
    expect('checkpoint.safetensors' in said, said)
    expect(os.path.exists(place.path('run', 'ERROR.txt')))


def drop_metadata(path, *keys):
    """Leaves safetensors as a version wrote them that knew none of these."""
    with open(path, 'rb') as f:
        whole = f.read()
    size = int.from_bytes(whole[:8], 'little')
    header = json.loads(whole[8:8 + size])
    for key in keys:
        del header['__metadata__'][key]
    text = json.dumps(header).encode()
    with open(path, 'wb') as f:
        f.write(len(text).to_bytes(8, 'little') + text + whole[8 + size:])


def test_a_run_goes_on_with_its_own_images(place):
    """Other images, or the same in another order, would mix the parts of a search."""
    train = ['--genotype', os.path.join(place.ready, 'best_arch.gen'), '--set', 'train.epochs=2']
    place.call('search', '-c', 'tiny.yaml', '--run-dir', 'searched', '--set', 'search.epochs=2')
    place.call('train', '-c', 'tiny.yaml', '--run-dir', 'trained', *train)
    before = contents(place.path('searched')), contents(place.path('trained'))
    more = {'search': ['--resume', 'searched', '--set', 'search.epochs=3'],
            'train': ['--resume', 'trained', '--set', 'train.epochs=3']}
    with open(place.path('data', 'train.list')) as f:
        names = f.read().split()
    for others, wanted in ((names[:-1], 'the run has 8 training images, but 7'),
                           (names[:-1] + ['../hr/v0.png'], 'other names, or another order'),
                           (names[::-1], 'other names, or another order')):
        with open(place.path('data', 'train.list'), 'w') as f:
            f.write('\n'.join(others))
        for command, args in more.items():
            said = place.call(command, *args, code=2).stderr
            expect(wanted in said and 'dataset.files_list' in said, said)
    expect(before == (contents(place.path('searched')), contents(place.path('trained'))))
    shutil.copytree(place.path('trained'), place.path('older'))
    drop_metadata(place.path('older', 'checkpoint.safetensors'), 'train_list', 'train_images', 'sha256')
    place.call('train', '--resume', 'older', '--set', 'train.epochs=3')
    os.rename(place.path('data'), place.path('moved'))
    with open(place.path('moved', 'train.list'), 'w') as f:
        f.write('\n'.join([place.path('moved', names[0]), *names[1:]]))
    for command, args in more.items():
        place.call(command, *args, '--set', 'dataset.files_list=moved')


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


def test_validation_agrees_with_training(place):
    run = place.run('run', '--set', 'env.validation_sets=')
    expect(not os.path.exists(os.path.join(run, 'validation_df.csv')))
    # The LR pictures training makes of val.list are not those of the set: make them so.
    best = max(e['psnr'] for e in events(run) if e['type'] == 'epoch' and e['psnr'] and e['is_best'])
    place.call('prep', '--input', 'hr', '--output', 'prep', '--patch', '8', '--scale', '2', '--valid', '1')
    with open(place.path('prep.yaml'), 'w') as f:
        f.write('P: {data_processed_lr: prep/valid/LRx2, data_processed_hr: prep/valid/HR}\n')
    out = place.call('validate', '--json', '--weights', os.path.join(run, 'best.safetensors'),
                     '--sets', 'prep.yaml', '--set', 'env.log_dir=' + place.path('logs')).stdout
    row = json.loads(out.splitlines()[-1])['validation'][0]
    expect(abs(row['psnr'] - best) < 1e-9, row, best)


def test_hr_images_that_are_no_multiple_are_cut(place):
    weights = os.path.join(place.ready, 'best.safetensors')
    for name, width, height in (('odd', 49, 41), ('large', 50, 40), ('small', 47, 40)):
        os.mkdir(place.path(name))
        write_png(place.path(name, 'v0.png'), width, height, 3, 8, photo(20))
        shutil.copy(place.path('hr', 'v1.png'), place.path(name))
        with open(place.path(name + '.yaml'), 'w') as f:
            f.write('S: {data_processed_lr: lr, data_processed_hr: %s}\n' % name)
    even = place.call('validate', '-w', weights, '--sets', 'sets.yaml', '--json').stdout
    odd = place.call('validate', '-w', weights, '--sets', 'odd.yaml', '--json', '--run-dir', 'v')
    psnr = [json.loads(o.splitlines()[-1])['validation'][0]['psnr'] for o in (even, odd.stdout)]
    expect(psnr[0] == psnr[1], psnr)
    expect(odd.stderr.count('warning') == 1 and '1 of 2 HR images' in odd.stderr, odd.stderr)
    expect(png_kind(place.path('v', 'images', 'S', 'v0_HR.png')) == (48, 40, 3, 8))
    for name in ('large', 'small'):
        said = place.call('validate', '-w', weights, '--sets', name + '.yaml', code=2).stderr
        expect('2 times LR' in said, said)


def test_sets_of_another_scale_are_told_before_any_work(place):
    """Not after hours of search and training."""
    os.mkdir(place.path('x3'))
    for i in range(2):
        write_png(place.path('x3', 'v%d.png' % i), 72, 60, 3, 8, photo(20))
    with open(place.path('three.yaml'), 'w') as f:
        f.write('Right: {data_processed_lr: lr, data_processed_hr: hr}\n'
                'Three: {data_processed_lr: lr, data_processed_hr: x3}\n'
                'Broken: {data_processed_lr: lr, data_processed_hr: broken}\n')
    os.mkdir(place.path('broken'))
    for i in range(2):
        with open(place.path('broken', 'v%d.png' % i), 'w') as f:
            f.write('no picture')
    for command in (['run'], ['batch', '-v', '0']):
        said = place.call(*command, '-c', 'tiny.yaml', '--set', 'env.validation_sets=three.yaml', code=2).stderr
        expect('Three: ' in said and 'v0.png is 24x20' in said and 'HR must be 2 times LR' in said and
               '1 other pair' in said and 'Right' not in said and 'broken/v0.png' in said, said)
        expect(not os.path.exists(place.path('logs')), command)
    weights = os.path.join(place.ready, 'best.safetensors')
    place.call('validate', '-w', weights, '--sets', 'three.yaml', code=2)
    expect(not os.path.exists(place.path('logs')))


def test_small_images_of_a_set_cost_no_others_their_figures(place):
    weights = os.path.join(place.ready, 'best.safetensors')

    def validate(name, code=0):
        return place.call('validate', '-w', weights, '--sets', 'sets.yaml', '--run-dir', name, '--json', code=code)

    def figures(done):
        (row,) = json.loads(done.stdout.splitlines()[-1])['validation']
        return row

    def add(name, side):
        write_png(place.path('lr', name), side, side, 3, 8, photo(20))
        write_png(place.path('hr', name), 2 * side, 2 * side, 3, 8, photo(20))

    before = figures(validate('before'))
    add('w.png', 4)
    done = validate('tiny')
    row = figures(done)
    expect(row['psnr'] == before['psnr'] and row['ssim'] == before['ssim'] and row['images'] == 2, row, before)
    expect('1 image left out: Tiny: too small to be measured' in done.stderr and 'w.png' in done.stderr, done.stderr)
    add('x.png', 9)
    done = validate('small')
    row = figures(done)
    expect(row['ssim'] == before['ssim'] and row['images'] == 3 and row['psnr'] != before['psnr'], row, before)
    expect('1 of 3 images are too small for SSIM' in done.stderr, done.stderr)
    with open(place.path('small', 'validation_df.csv')) as f:
        expect(float(next(csv.DictReader(f))['SSIM']) > 0)
    for name in ('v0.png', 'v1.png'):
        os.remove(place.path('lr', name))
        os.remove(place.path('hr', name))
    expect(figures(validate('only'))['ssim'] is None)
    os.remove(place.path('lr', 'x.png'))
    os.remove(place.path('hr', 'x.png'))
    expect('Tiny: all its images are too small' in validate('none', code=2).stderr)


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
    with open(os.path.join(batch, 'summary.csv')) as f:
        rows = list(csv.DictReader(f))
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


def trials(batch):
    with open(os.path.join(batch, 'summary.csv')) as f:
        return list(csv.DictReader(f))


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


def test_upscale_keeps_the_kind_and_ignores_tiles(place):
    weights = os.path.join(place.ready, 'best.safetensors')
    os.makedirs(place.path('in', 'sub'))
    kinds = {'grey': (1, 8), 'grey16': (1, 16), 'alpha': (2, 8), 'rgb16': (3, 16), 'sub/rgba': (4, 8)}
    for name, (channels, depth) in kinds.items():
        write_png(place.path('in', name + '.png'), 37, 70, channels, depth,
                  lambda x, y, c: photo(3)(x, y, c) * (1 if depth == 8 else 257))
    write_png(place.path('wide.png'), 600, 70, 3, 16, lambda x, y, c: photo(5)(x, y, c) * 257)
    place.call('upscale', '--weights', weights, 'in', '-o', 'out')
    for name, (channels, depth) in kinds.items():
        expect(png_kind(place.path('out', name + '.png')) == (74, 140, channels, depth), name)
    for tile in ('600', '32', '300'):
        place.call('upscale', '--weights', weights, 'wide.png', '-o', 'wide_%s.png' % tile, '--tile', tile)
    with open(place.path('wide_600.png'), 'rb') as f:
        whole = f.read()
    for tile in ('32', '300'):
        with open(place.path('wide_%s.png' % tile), 'rb') as f:
            expect(f.read() == whole, tile)


def test_plain_skips_are_tiled_alike_too(place):
    weights = os.path.join(place.run('run', '--set', 'arch.skip_mode=True'), 'best.safetensors')
    write_png(place.path('a.png'), 530, 70, 3, 16, lambda x, y, c: photo(5)(x, y, c) * 257)
    results = []
    for tile in ('530', '32'):
        out = place.path('out_%s.png' % tile)
        place.call('upscale', '--weights', weights, 'a.png', '-o', out, '--tile', tile)
        with open(out, 'rb') as f:
            results.append(f.read())
    expect(results[0] == results[1])


def test_upscale_says_what_is_wrong(place):
    weights = os.path.join(place.ready, 'best.safetensors')
    write_png(place.path('a.png'), 5, 4, 3, 8, photo(1))
    with open(place.path('broken.png'), 'wb') as f:
        f.write(b'\x89PNG\r\n\x1a\nnothing')
    with open(place.path('a.png'), 'rb') as f:
        before = f.read()
    expect('itself' in place.call('upscale', '--weights', weights, 'a.png', '-o', '.', code=2).stderr)
    with open(place.path('a.png'), 'rb') as f:
        expect(f.read() == before)
    os.mkdir(place.path('in'))
    for inputs in (['a.png', 'broken.png'], ['in']):
        said = place.call('upscale', '--weights', weights, *inputs, '-o', 'b.png', code=2).stderr
        expect('-o b.png' in said and not os.path.exists(place.path('b.png')), said)
    said = place.call('upscale', '--weights', weights, 'a.png', '-o', 'x.tif', code=2).stderr
    expect('x.tif' in said and '.png, .jpg or .jpeg' in said and not os.path.exists(place.path('x.tif')), said)
    place.call('upscale', '--weights', weights, 'a.png', '-o', 'x.tif/')
    expect(os.path.exists(place.path('x.tif', 'a.png')))
    said = place.call('upscale', '--weights', weights, 'broken.png', 'a.png', '-o', 'out', code=1).stderr
    expect('broken.png' in said and os.path.exists(place.path('out', 'a.png')), said)
    supernet = os.path.join(place.ready, 'supernet_best.safetensors')
    said = place.call('upscale', '--weights', supernet, 'a.png', '-o', 'b.png', code=2).stderr
    expect('supernet' in said, said)
    with open(os.path.join(place.ready, 'best_arch.gen')) as f:
        genotype = f.read()
    with open(place.path('other.gen'), 'w') as f:
        f.write(genotype.replace('simple_3x3', '@').replace('simple_1x1', 'simple_3x3').replace('@', 'simple_1x1'))
    for inputs in (['a.png'], ['a.png', 'broken.png']):
        said = place.call('upscale', '--weights', weights, '--genotype', 'other.gen', *inputs, '-o', 'o/', code=1).stderr
        expect(said.count(weights + ': the weights ') == 1 and 'a.png' not in said, said)
    expect('a.png' in place.call('upscale', '--weights', 'a.png', 'a.png', '-o', 'b.png', code=1).stderr)


def bytes_of(*paths):
    found = []
    for path in paths:
        with open(path, 'rb') as f:
            found.append(f.read())
    return found


def test_upscale_writes_over_no_input(place):
    weights = os.path.join(place.ready, 'best.safetensors')
    for i, name in enumerate(('real/in.png', 'A/first.png', 'A/sub/c.png', 'q/sub/c.png')):
        os.makedirs(os.path.dirname(place.path(name)), exist_ok=True)
        write_png(place.path(name), 6, 5, 3, 8, photo(i))
    os.symlink('real', place.path('link'))
    inputs = [place.path('real', 'in.png'), place.path('q', 'sub', 'c.png')]
    before = bytes_of(*inputs)
    said = place.call('upscale', '--weights', weights, 'real/in.png', '-o', 'link/', code=2).stderr
    expect('real/in.png itself' in said, said)
    said = place.call('upscale', '--weights', weights, 'A', 'q/sub', '-o', 'q', code=2).stderr
    expect('A/sub/c.png would replace the input q/sub/c.png' in said, said)
    expect(bytes_of(*inputs) == before and not os.path.exists(place.path('q', 'first.png')))


def test_upscale_goes_on_and_takes_no_result_for_an_input(place):
    weights = os.path.join(place.ready, 'best.safetensors')
    os.makedirs(place.path('in', 'sub'))
    names = ('a.png', 'b.png', 'sub/c.png')
    for i, name in enumerate(names):
        write_png(place.path('in', name), 6, 5, 3, 8, photo(i))
    os.symlink('..', place.path('in', 'sub', 'up'))  # leads back
    made = [place.path('in', 'large', name) for name in names]
    for _ in range(2):
        said = place.call('upscale', '--weights', weights, 'in', '-o', 'in/large').stdout
        expect(said == '3 images: in/large\n', said)
        found = [os.path.join(d, f) for d, _, files in os.walk(place.path('in', 'large')) for f in files]
        expect(sorted(found) == made, found)
    os.remove(made[1])
    with open(made[0], 'w') as f:
        f.write('mine')
    args = ('upscale', '--weights', weights, 'in', '-o', 'in/large', '--skip-existing')
    said = place.call(*args).stdout
    expect(said == '1 image (2 more there already): in/large\n', said)
    expect(bytes_of(made[0]) == [b'mine'] and png_kind(made[1]) == (12, 10, 3, 8))
    result = json.loads(place.call(*args, '--json').stdout.splitlines()[-1])
    expect(result['images'] == 0 and result['skipped'] == 3, result)


def test_upscale_stopped_goes_on(place):
    weights = os.path.join(place.ready, 'best.safetensors')
    os.mkdir(place.path('in'))
    for i in range(40):
        write_png(place.path('in', '%02d.png' % i), 90, 60, 3, 8, photo(i))
    args = ('upscale', '--weights', weights, 'in', '-o', 'out')
    process = place.start(*args)
    wait_for(lambda: os.path.exists(place.path('out', '00.png')), process)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    expect(process.returncode == 130 and '--skip-existing' in said, process.returncode, said)
    made = len(os.listdir(place.path('out')))
    said = place.call(*args, '--skip-existing').stdout
    expect('(%d more there already)' % made in said and len(os.listdir(place.path('out'))) == 40, made, said)


def test_upscale_to_jpeg_what_jpeg_holds(place):
    weights = os.path.join(place.ready, 'best.safetensors')
    for name, channels, depth in (('alpha', 4, 8), ('deep', 3, 16), ('plain', 3, 8)):
        write_png(place.path(name + '.png'), 6, 5, channels, depth, photo(1))
    for name in ('alpha', 'deep'):
        said = place.call('upscale', '--weights', weights, name + '.png', '-o', 'new/x.jpg', code=2).stderr
        expect(name + '.png' in said and 'neither alpha nor 16 bits' in said, said)
        expect(not os.path.exists(place.path('new')))  # which is made for a result
    place.call('upscale', '--weights', weights, 'plain.png', '-o', 'x.jpg')


def test_numbers_that_run_away_stop_the_run(place):
    said = place.call('search', '-c', 'tiny.yaml', '--run-dir', 'nan', '--set', 'search.w_lr=1000',
                      '--set', 'search.w_grad_clip=1e9', code=1).stderr
    expect(said.count('diverged') == 1 and re.search(r'epoch \d, (step \d|validation): .* a smaller search\.w_lr', said), said)
    expect('train.lr' not in said, said)
    expect(events(place.path('nan'))[-1]['state'] == 'failed')


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

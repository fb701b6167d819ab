#!/usr/bin/env python3
"""Runs that go on, bit for bit, and runs that cannot. Usage: test-resume.py QUANTOASTER. Prints TAP."""
import json
import os
import shutil
import signal
import sys

from place import contents, events, expect, run_tests, same_weights, wait_for

LONG = ['--set', 'search.epochs=40', '--set', 'train.epochs=2']


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
        for leaf in ('.qtr-aB3x9z.tmp', '.qtr-mine.tmp'):
            open(place.path(name, leaf), 'w').close()
        expect(not os.path.exists(place.path(name, 'best.safetensors')) or
               not os.path.exists(place.path(name, 'validation_df.csv')))
        place.call('run', '--resume', name)
        same_weights(whole, place.path(name))
        expect([leaf for leaf in os.listdir(place.path(name)) if leaf.startswith('.')] == ['.qtr-mine.tmp'],
               'only what a killed process was writing goes', os.listdir(place.path(name)))


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


def write_other_genotype(place, path):
    """The one at `path` with its bit widths exchanged, as other.gen."""
    with open(path) as f, open(place.path('other.gen'), 'w') as g:
        g.write(f.read().replace('8', '@').replace('4', '8').replace('@', '4'))


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
    write_other_genotype(place, os.path.join(run, 'best_arch.gen'))
    said = place.call('train', '--resume', 'done', '--genotype', 'other.gen', '--set', 'train.epochs=3',
                      code=2).stderr
    expect('other.gen' in said, said)
    expect(before == (contents(run), contents(place.path('searched'))))


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
        write_other_genotype(place, genotype)
        said = place.call('run', '--resume', name, '--genotype', 'other.gen', code=2).stderr
        expect('other.gen' in said, said)
        place.call('run', '--resume', name)
        expect({e['kind'] for e in events(place.path(name)) if e['type'] == 'started'} == {'train', 'validate'})
        same_weights(place.path('whole'), place.path(name))


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


if __name__ == '__main__':
    sys.exit(run_tests(globals()))

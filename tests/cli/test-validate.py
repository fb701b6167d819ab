#!/usr/bin/env python3
"""Validation of a network on sets of images. Usage: test-validate.py QUANTOASTER. Prints TAP."""
import csv
import json
import os
import shutil
import sys

from pictures import photo, png_kind, write_png
from place import contents, events, expect, run_tests


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


if __name__ == '__main__':
    sys.exit(run_tests(globals()))

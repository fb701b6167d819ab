#!/usr/bin/env python3
"""Images made larger by a network. Usage: test-upscale.py QUANTOASTER. Prints TAP."""
import json
import os
import signal
import sys

from pictures import photo, png_kind, write_png
from place import expect, run_tests, wait_for


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


if __name__ == '__main__':
    sys.exit(run_tests(globals()))

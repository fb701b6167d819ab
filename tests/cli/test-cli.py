#!/usr/bin/env python3
"""The command line as a user meets it. Usage: test-cli.py QUANTOASTER [QUANTOASTER_GTK]. Prints TAP."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import Skip, expect, run_tests  # noqa: E402

ROOT = os.environ.get('QTR_SOURCE_ROOT') or os.path.join(os.path.dirname(__file__), '..', '..')
PROGRAM = os.path.abspath(sys.argv[1])
GTK = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
COMMANDS = ('run search train validate batch sample prep upscale space draw devices help').split()
CONFIG = os.path.join(ROOT, 'configs', 'quant_config.yaml')
GENOTYPE = ("Genotype_SR(head=[('simple_3x3', 8)], body=[('simple_3x3', 4)], tail=[('simple_3x3', 8)], "
            "skip=[('simple_1x1', 4)], upsample=[('simple_3x3', 8)])")


def call(*args, program=PROGRAM, cwd=None, env=None):
    done = subprocess.run([program, *args], capture_output=True, text=True, cwd=cwd, timeout=110,
                          stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def refused(*args, code=2, says=()):
    status, out, err = call(*args)
    expect(status == code, status, out, err)
    for part in says:
        expect(part in err, part, err)
    expect(out == '', out)


def test_version_and_help():
    expect(call('--version')[1].startswith('quantoaster '))
    for args in (('help',), ('--help',), ('-h',)):
        status, out, _ = call(*args)
        expect(status == 0 and all('\n  %s ' % c in out for c in COMMANDS), out)


def test_help_of_every_command():
    for command in COMMANDS:
        by_option, by_command = call(command, '--help'), call('help', command)
        expect(by_option == by_command and by_option[0] == 0, by_option, by_command)
        expect('Usage: quantoaster %s' % command in by_option[1])
        expect(max(map(len, by_option[1].splitlines())) <= 110, command)


def test_help_lists_all_keys():
    status, out, _ = call('help', 'config')
    expect(status == 0)
    for key in ('search.penalty', 'arch.bits', 'arch.primitives.body', 'env.seed', 'train.lr'):
        expect('\n  %s: ' % key in out, key)


def test_help_as_json():
    status, out, _ = call('help', 'config', '--json')
    keys = {k['key']: k for k in json.loads(out)['keys']}
    text = call('help', 'config')[1]
    expect(status == 0 and len(keys) > 50 and all('\n  %s: ' % k in text for k in keys), out)
    epochs = keys['train.epochs']
    expect(epochs['range'] == '1 to 1000000' and epochs['default'] == '30' and epochs['resume_may_change'], epochs)
    status, out, _ = call('help', 'arch.bits', '--json')
    expect(status == 0 and [k['key'] for k in json.loads(out)['keys']] == ['arch.bits'], out)
    for args in (['help'], ['help', 'batch'], ['help', 'primitives'], ['help', '--man']):
        status, out, err = call(*args, '--json')
        expect(status == 2 and json.loads(out)['type'] == 'error' and 'help config' in err, out, err)
    expect("'config'" in call('help', 'confg', '--json')[2])


def test_help_explains_primitives():
    status, out, _ = call('help', 'primitives')
    expect(status == 0 and max(map(len, out.splitlines())) <= 84, out)
    for row in (['conv_3x1_1x3', '7776', 'in -3x1-> C -1x3-> out'], ['simple_3x3_grouped_3', '3888', 'in -3x3/3-> out'],
                ['DWS_5x5', '2196', 'in -5x5/in-> in -1x1-> out'], ['zero', '0', 'nothing'],
                ['decenc_3x3_8_g3', '-', 'in -3x3/3-> C/8 -3x3/3-> C/8 -3x3/3-> out']):
        expect(row in [line.split(maxsplit=2) for line in out.splitlines()], row)
    status, out, _ = call('help', 'search.penalty')
    expect(status == 0 and out.startswith('  search.penalty: a number') and len(out.splitlines()) == 2, out)


def test_unknown_words_name_the_nearest():
    refused('serach', says=['serach', "'search'"])
    refused('bacth', '-v', '0', says=["'batch'"])
    refused('batch', '--vales', '0', says=['--vales', '--values'])
    refused('help', 'confg', says=["'config'"])
    refused('help', 'primitive', says=["'primitives'"])
    refused('help', 'search.penalti', says=["'search.penalty'"])
    refused('help', 'qqqqqqqqqqqqqqq', says=['config, primitives'])
    refused('devices', 'extra', says=["'extra'"])


def test_numbers_out_of_their_range():
    for args in (['bench', '--rounds', '0'], ['upscale', 'x.png', '--tile', '0'], ['batch', '-r', '0'], ['sample', '-s', '-1'],
                 ['sample', '-r', '0'], ['prep', '--patch', '0'], ['prep', '--stride=-1'], ['prep', '--scale', '17']):
        refused(*args, says=[' takes a whole number from ', ' to '])
    refused('prep', '--valid', '2', says=['--valid takes a number from 0 to 1, not 2'])
    refused('prep', '--input', 'x', '--output', 'y', '--seed', '-1', says=['--seed takes a whole number from 0 to '])
    expect('(200); 1 to 65535\n' in call('help', 'prep')[1] and '(200); 1 to 65535.\n' in call('help', '--man')[1])


def test_no_configuration():
    for command in ('run', 'search', 'train', 'space', 'sample'):
        refused(command, says=['-c'])
    refused(says=['-c'])
    refused('space', '-c', 'no_such.yaml', says=['no_such.yaml', 'configs'])
    refused('batch', '-c', CONFIG, says=['-v'])
    refused('run', '-c', 'x', '--resume', 'y', says=['--resume'])
    refused('batch', '--resume', 'nowhere', says=['there is no batch in ', 'nowhere', 'batch.json'])
    for more in (['-c', 'x'], ['-v', '0'], ['-k', 'w_lr'], ['-d', 'x'], ['-n', 'x'], ['-r', '2'], ['--seed', '1'],
                 ['--set', 'env.workers=1']):
        refused('batch', '--resume', 'nowhere', *more, says=['--resume goes on', 'leave out ' + more[0]])


def test_all_that_is_missing_at_once():
    refused('upscale', says=["'upscale' needs IN..., --weights FILE (", ') and --output OUT ('])
    refused('upscale', 'x.png', '-o', 'y.png', says=["'upscale' needs --weights FILE ("])
    _, _, err = call('upscale', 'x.png', '--weights', 'w.safetensors')
    expect('--output OUT' in err and '--weights' not in err, err)
    refused('prep', says=['--input', '--output'])


def test_a_key_of_a_batch_has_no_section():
    refused('batch', '-c', CONFIG, '-k', 'train.epochs', '-v', '1', says=['without their section', 'search.epochs'])
    refused('batch', '-c', CONFIG, '-k', 'train.nothing', '-v', '1', says=["no key 'train.nothing'"])


def test_missing_files_of_options_are_among_the_mistakes():
    mistake = ['-c', CONFIG, '--set', 'train.lr=x']
    refused('train', *mistake, '--genotype', 'no.gen', says=['train.lr', 'dataset.files_list', '--genotype', 'no.gen'])
    refused('run', *mistake, '--genotype', 'no.gen', '--sets', 'no.yaml', says=['train.lr', 'no.gen', 'no.yaml'])
    refused('train', '-c', os.path.join(ROOT, 'configs', 'demo.yaml'), '--genotype', 'no.gen', says=['no.gen'])


def test_a_genotype_is_compared_with_the_configuration():
    with tempfile.TemporaryDirectory() as folder:
        other, damaged, wide = (os.path.join(folder, n) for n in ('other.gen', 'damaged.gen', 'wide.gen'))
        for path, text in ((other, GENOTYPE.replace("body=[('simple_3x3', 4)]", "body=[('simple_9x9', 5)]")),
                           (damaged, GENOTYPE.replace('simple_3x3', 'simple_3x4')),
                           (wide, GENOTYPE.replace("('simple_1x1', 4)", "('simple_3x3_grouped_3', 4)"))):
            with open(path, 'w') as f:
                f.write(text)
        mistake = ['-c', CONFIG, '--set', 'dataset.files_list=none']
        for given in (['--genotype', other], ['--set', 'train.genotype_path=' + other]):
            said = 'genotype_path: ' if given[0] == '--set' else '--genotype: '
            refused('train', *mistake, *given,
                    says=['warning: ', said + other + ' lies outside of the configured search space (',
                          'arch.arch_pattern, arch.primitives, arch.bits): ',
                          "body, layer 1: simple_9x9 is none of body's", ' and 2 more', 'none/train.list'])
        refused('train', *mistake, '--genotype', damaged, says=['damaged.gen:1:', 'simple_3x4', 'none/train.list'])
        refused('run', *mistake, '--set', 'arch.c_fixed=35', *[
            w for b in ('head', 'body', 'skip', 'tail', 'upsample') for w in ('--set', 'arch.primitives.%s=[simple_3x3]' % b)],
                '--genotype', wide, says=['wide.gen: the genotype does not fit: skip, layer 1: ', 'none/train.list'])
    refused('validate', '-w', 'no.safetensors', '--sets', 'no.yaml', '--set', 'env.workers=x',
            says=['env.workers', '--sets: there is no file no.yaml', '--weights: there is no file no.safetensors'])


def test_all_errors_of_a_configuration_at_once():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'bad.yaml')
        with open(path, 'w') as f:
            f.write('search:\n  penaltee: 1\n  epochs: many\narch:\n  bits: [8, 3000]\n')
        refused('space', '-c', path,
                says=['bad.yaml:2:3', 'search.penalty', 'bad.yaml:3:', 'bad.yaml:5:'])
        refused('batch', '-c', CONFIG, '-v', '0', 'x', says=['search.penalty', 'dataset.files_list'])
        refused('space', '-c', CONFIG, '--set', 'search.penalty=x', '--set', 'arch.nix=1',
                says=['search.penalty', 'arch.nix'])


def test_missing_files_are_among_the_errors():
    with tempfile.TemporaryDirectory() as folder:
        path, sets = os.path.join(folder, 'c.yaml'), os.path.join(folder, 'sets.yaml')
        with open(path, 'w') as f:
            f.write('dataset: {files_list: none}\nenv:\n  validation_sets: sets.yaml\n')
        with open(sets, 'w') as f:
            f.write('A:\n  data_processed_lr: nix\n  data_processed_hr: .\n')
        for command in (['run'], ['batch', '-v', '0'], ['sample']):
            refused(*command, '-c', path, '--set', 'search.epochs=x',
                    says=['search.epochs: expected', 'c.yaml:1:23: dataset.files_list: ', 'quantoaster prep',
                          'looked in the current folder, in ' + folder,
                          'c.yaml:3:20: env.validation_sets: ', 'sets.yaml:2:22: A: ', 'nix'])
        refused('validate', '--weights', 'x', '--set', 'env.validation_sets=no.yaml', says=['no.yaml'])
        refused('run', '-c', path, '--set', 'dataset.files_list=/', '--sets', 'no.yaml', says=['/train.list'])
        for command in (['run', '-c', path], ['validate', '-w', 'no.safetensors']):
            refused(*command, '--sets', sets, '--set', 'env.workers=x',
                    says=['env.workers', 'sets.yaml:2:22: A: there is no folder '])


def test_configuration_found_in_configs():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, 'configs'))
        shutil.copy(CONFIG, os.path.join(folder, 'configs', 'mine.yaml'))
        status, out, err = call('space', '-c', 'mine.yaml', '--set', 'dataset.files_list=.', cwd=folder)
        expect(status == 0 and 'architectures:' in out, err)
        expect('\nhead 1: ' in out and '\nhead 0: ' not in out, out)


def test_space_as_json():
    status, out, err = call('space', '--json', '-c', CONFIG, '--set', 'dataset.files_list=/')
    expect(status == 0, err)
    (line,) = out.splitlines()
    space = json.loads(line)
    expect(space['type'] == 'result' and space['bits'] == [8, 4])
    layers = {}
    for choice in space['choices']:
        layers.setdefault((choice['block'], choice['layer']), []).append(choice)
    expect(min(n for _, n in layers) == 1 and ('body', 2) in layers, layers.keys())
    count = 1
    for choices in layers.values():
        count *= 2 * len(choices)
    expect(int(space['architectures']) == count, count)
    cheapest = sum(c['repeats'] * min(b for x in layers[k] for b in x['bitops'])
                   for k, (c, *_) in layers.items())
    expect(abs(space['cheapest']['bitops'] - cheapest) < 1e-6 * cheapest, cheapest)


def test_devices():
    status, out, err = call('devices', '--json')
    expect(status == 0, err)
    devices = json.loads(out)['devices']
    expect([d['index'] for d in devices] == list(range(len(devices))) and devices)
    expect(sum(d['default'] for d in devices) == 1 and all(d['self_test'] for d in devices))
    status, out, _ = call('devices')
    expect('self-test passed' in out, out)
    last = devices[-1]
    status, out, err = call('devices', '--json', '-g', str(last['index']))
    expect(status == 0 and json.loads(out)['devices'] == [last], out, err)
    refused('devices', '-g', '99', says=['99', last['key']])
    refused('devices', '-g', '0', '-g', '0', says=['-g'])


def test_no_driver_names_the_package():
    with tempfile.TemporaryDirectory() as folder:
        status, _, err = call('devices', env={'OCL_ICD_VENDORS': folder})
        expect(status == 1 and 'pocl-opencl-icd' in err, err)


def test_draw():
    with tempfile.TemporaryDirectory() as folder:
        genotype = os.path.join(folder, 'g.gen')
        with open(genotype, 'w') as f:
            f.write(GENOTYPE)
        for name, magic in (('g.svg', b'<?xml'), ('g.png', b'\x89PNG')):
            picture = os.path.join(folder, name)
            status, _, err = call('draw', genotype, '-o', picture)
            expect(status == 0, err)
            with open(picture, 'rb') as f:
                expect(f.read(5).startswith(magic))
        refused('draw', genotype, '-o', os.path.join(folder, 'g.bmp'), says=['bmp'])
        refused('draw', genotype, says=['-o'])
        refused('draw', os.path.join(folder, 'none.gen'), '-o', 'x.svg', code=1, says=['none.gen'])


def test_prep_and_again():
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, 'out')
        args = ('prep', '--input', os.path.join(ROOT, 'data', 'demo', 'valid', 'HR'), '--output', output,
                '--patch', '200', '--stride', '200', '--json')
        status, out, err = call(*args)
        expect(status == 0, err)
        lines = [json.loads(line) for line in out.splitlines()]
        expect(lines[-1]['type'] == 'result' and lines[-1]['patches'] > 0, lines[-1])
        expect(any(line['type'] == 'progress' for line in lines))
        expect(os.path.exists(os.path.join(output, 'train.list')))
        again = json.loads(call(*args)[1].splitlines()[-1])
        expect(again['written'] == 0 and again['patches'] == lines[-1]['patches'], again)
        status, out, err = call(*args[:4], output + '340', '--valid', '0', '--patch', '340', '--json')
        cat = os.path.join(args[2], 'cat.png')
        expect(status == 0 and json.loads(out.splitlines()[-1])['left_out_files'] == [cat], out, err)
        expect('1 image left out: smaller than a patch of 340 x 340: %s (448 x 300)' % cat in err, err)
        refused('prep', '--output', output, says=['--input'])
        refused('prep', '--input', os.path.join(folder, 'none'), '--output', output + '2', code=1)


def test_output_that_cannot_be_written_is_an_error():
    for args in (['help', 'config', '--json'], ['space', '-c', CONFIG], ['help']):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            done = subprocess.run([PROGRAM, *args], stdout=full, stderr=subprocess.PIPE, text=True, timeout=110,
                                  check=False)
        assert done.returncode == 1 and 'cannot write all of the output' in done.stderr, (args, done)


def test_errors_as_json():
    status, out, _ = call('space', '--json')
    error = json.loads(out)
    expect(status == 2 and error['type'] == 'error' and error['exit_code'] == 2, out)


def test_numbers_do_not_follow_the_locale():
    status, out, err = call('space', '--json', '-c', CONFIG, '--set', 'dataset.files_list=/',
                            env={'LC_ALL': 'de_DE.UTF-8'})
    expect(status == 0 and json.loads(out), err)


def test_completion_is_bash():
    status, out, _ = call('help', '--completion')
    expect(status == 0)
    words = subprocess.run(
        ['bash', '-c', out + '\nCOMP_WORDS=(quantoaster batch --re); COMP_CWORD=2; _quantoaster; '
         'echo "${COMPREPLY[@]}"; COMP_WORDS=(quantoaster --set search.pena); COMP_CWORD=2; '
         '_quantoaster; echo "${COMPREPLY[@]}"'], capture_output=True, text=True)
    expect(words.stdout == '--repeat --resume --retry-failed\nsearch.penalty=\n', words.stdout, words.stderr)


def test_man_page():
    status, out, _ = call('help', '--man')
    expect(status == 0 and out.startswith('.TH QUANTOASTER 1'))
    for command in COMMANDS:
        expect('\n.SS %s' % command in out, command)
    expect('search.penalty' in out and 'in \\-1x1\\-> out' in out)
    if shutil.which('groff'):
        done = subprocess.run(['groff', '-man', '-Tutf8', '-ww', '-z'], input=out, text=True,
                              capture_output=True)
        expect(done.returncode == 0 and done.stderr == '', done.stderr)


def test_gtk_headless_is_the_same():
    if not GTK:
        raise Skip('built without the GUI')
    for args in (('help',), ('serach',), ('space',), ('--version',), ('batch', '--help')):
        expect(call('--headless', *args, program=GTK) == call(*args), args)
    expect(call('space', '--headless', program=GTK) == call('space'))



if __name__ == '__main__':
    sys.exit(run_tests(globals()))

#!/usr/bin/env python3
"""That every header compiles by itself and that includes keep to the directions of CONTRIBUTING.md, as TAP.

Usage: test-layout.py BUILD_DIR
"""
import concurrent.futures
import contextlib
import json
import os
import re
import shlex
import subprocess
import sys

from tap import run_tests

ROOT = os.environ['QTR_SOURCE_ROOT']
# base <- gpu <- ops <- nn <- search <- run <- cli <- ui; image is beside gpu and used from run on.
ORDER = ['base', 'gpu', 'ops', 'nn', 'search', 'run', 'cli', 'ui']
MAY_USE = {folder: set(ORDER[:rank + 1]) for rank, folder in enumerate(ORDER)}
MAY_USE['image'] = {'base', 'image'}
for user in ('run', 'cli', 'ui'):
    MAY_USE[user].add('image')
for user in ('ops', 'nn'):
    MAY_USE[user].add('cl')  # what host and kernels agree on
# Headers of libraries that one folder alone may include.
RESERVED = [(re.compile(r'<(CL|OpenCL)/'), 'gpu'),
            (re.compile(r'<(gtk|gdk|gsk|adwaita|gtksourceview|graphene)'), 'ui')]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])', re.MULTILINE)
TEMPLATES = {'src/image/resize-passes.h'}  # part of resize.c, by its own words


def files(ending):
    found = []
    for top in ('src', 'ui'):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names if n.endswith(ending)]
    return sorted(found)


def folder_of(path):
    """'gpu' of src/gpu/kernel.h, 'ui' of ui/main.c; src/main.c is the outermost."""
    parts = path.split('/')
    return 'ui' if parts[0] == 'ui' or len(parts) == 2 else parts[1]


def wrong_includes(path, text):
    """What is wrong with the includes of `text`, the file `path`."""
    folder, wrong = folder_of(path), []
    for name in INCLUDE.findall(text):
        used = name[1:].split('/')[0] if '/' in name else folder
        if name[0] == '"' and used not in MAY_USE[folder]:
            wrong.append('%s: %s may not use %s: %s' % (path, folder, used, name))
        if name.endswith('-private.h"') and used != folder:
            wrong.append('%s: %s is private to %s' % (path, name, used))
        wrong += ['%s: only %s may include %s' % (path, owner, name)
                  for pattern, owner in RESERVED if pattern.match(name) and folder != owner]
    return wrong


def compilers(build):
    """The command without its file, for 'src' and, where the window is built, 'ui'."""
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as listing:
        entries = json.load(listing)
    commands = {}
    for entry in entries:
        source = os.path.relpath(os.path.join(entry['directory'], entry['file']), ROOT)
        words = shlex.split(entry['command'])
        drop = {'-o': 2, '-MF': 2, '-MQ': 2, '-MD': 1, '-c': 2}
        kept, i = [], 0
        while i < len(words):
            if words[i] not in drop:
                kept.append(words[i])
            i += drop.get(words[i], 1)
        commands.setdefault(source.split('/')[0], kept + ['-fdiagnostics-color=never', '-fsyntax-only', '-x', 'c', '-'])
    return commands


def compile_text(build, command, text):
    done = subprocess.run(command, cwd=build, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, check=False)
    return '' if done.returncode == 0 else done.stdout


def compile_headers(build, headers, make):
    """What the compiler says to make(header) for each header."""
    commands = compilers(build)
    tasks = [(commands[h.split('/')[0]], make(h)) for h in headers if h.split('/')[0] in commands]
    assert tasks, 'no command compiles a header'
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(filter(None, pool.map(lambda task: compile_text(build, *task), tasks)))


def include(header):
    return '#include "%s"\n' % os.path.join(ROOT, header)


def test_headers_compile_alone(build):
    headers = [h for h in files('.h') if h not in TEMPLATES]
    # Twice: without a guard the second one fails.
    said = compile_headers(build, headers, lambda h: include(h) * 2)
    assert not said, '\n'.join(said)


def test_headers_in_any_order(build):
    tops = [[h for h in files('.h') if h.startswith(top + '/') and h not in TEMPLATES] for top in ('src', 'ui')]
    for headers in tops:
        for order in (headers, headers[::-1]):
            said = compile_headers(build, order[:1], lambda h, order=order: ''.join(map(include, order)))
            assert not said, '\n'.join(said)
        if 'ui' not in compilers(build):
            break


def test_includes_keep_their_direction(build):
    wrong = []
    for path in files('.h') + files('.c'):
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            wrong += wrong_includes(path, file.read())
    assert not wrong, '\n'.join(wrong)


def test_every_folder_has_a_place(build):
    unknown = {folder_of(path) for path in files('.c')} - set(MAY_USE)
    assert not unknown, unknown


def test_wrong_includes_are_found(build):
    for path, text, word in (('src/gpu/a.c', '#include "ops/conv.h"', 'may not use ops'),
                             ('src/image/a.c', '#include "gpu/device.h"', 'may not use gpu'),
                             ('src/nn/a.h', '# include "image/image.h"', 'may not use image'),
                             ('src/run/a.c', '#include <CL/cl.h>', 'only gpu'),
                             ('src/cli/a.c', '#include <gtk/gtk.h>', 'only ui'),
                             ('ui/a.c', '#include "run/infer-private.h"', 'private to run')):
        wrong = wrong_includes(path, '/* */\n%s\n' % text)
        assert len(wrong) == 1 and word in wrong[0], (path, text, wrong)
    assert not wrong_includes('ui/a.c', '#include "b-private.h"\n#include <gtk/gtk.h>\n#include "gpu/peak.h"\n')


if __name__ == '__main__':
    sys.exit(run_tests(globals(), lambda: contextlib.nullcontext(sys.argv[1])))

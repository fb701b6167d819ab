#!/usr/bin/env python3
"""Keeps the result lines of a ./check that passed for as long as nothing it depends on has changed.

Usage: kept.py sources                   prints the state of the sources
       kept.py show FILE DEVICES         prints the lines kept in FILE; status 1 if there are none that hold
       kept.py keep FILE DEVICES SOURCES keeps the lines on standard input, if the sources are still as
                                         `sources` told before the run

DEVICES is the program whose `devices` names this machine's OpenCL devices. What counts: every file that
.gitignore does not leave out, the reference data, the packages installed, the devices, and the environment
variables that change what is built or tested.
"""
import fnmatch
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import time

VARIABLES = re.compile(r'CI|CC|C(PP)?FLAGS|LDFLAGS|LANG|LANGUAGE|PATH|XDG_(DATA|CONFIG)_\w+|PYTHON\w+|'
                       r'(LC|QTR|POCL|OCL|OPENCL|CUDA|MESA|PKG_CONFIG|PIP|MESON|GTK|GDK|GSK|G)_\w+')


class Unknown(Exception):
    """A part of the state cannot be told, so nothing can be kept."""


def output_of(*command):
    try:
        return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
    except (OSError, subprocess.CalledProcessError) as problem:
        raise Unknown(str(problem)) from problem


def file_state(path):
    """Kind, rights and content of a file; a tracked file may be missing."""
    try:
        if os.path.islink(path):
            return 'link ' + os.readlink(path)
        with open(path, 'rb') as file:
            return '%o %s' % (os.stat(path).st_mode, hashlib.sha256(file.read()).hexdigest())
    except FileNotFoundError:
        return 'missing'


def reference_state(folder):
    """Names, sizes and times only: hundreds of megabytes are not read for this."""
    lines = []
    for top, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(top, name)
            found = os.lstat(path)
            lines.append('%s %d %d' % (os.path.relpath(path, folder), found.st_size, found.st_mtime_ns))
    return lines


def listed_by_git():
    if not os.path.exists('.git'):  # that of a folder further up says nothing of these files
        raise Unknown('not a repository')
    names = output_of('git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard')
    return set(os.fsdecode(names).split('\0')) - {''}


def listed_by_walking():
    """Without git: .gitignore holds folders of the top ("/name/") and names of anywhere."""
    with open('.gitignore', encoding='utf-8') as file:
        patterns = [line.strip() for line in file if line.strip() and not line.startswith('#')]
    tops = [p.strip('/') for p in patterns if p.startswith('/')] + ['.git']
    others = [p.strip('/') for p in patterns if not p.startswith('/')]
    found = set()
    for top, folders, names in os.walk('.'):
        top = os.path.relpath(top, '.')
        ignored = others + (tops if top == '.' else [])
        folders[:] = [f for f in folders if not any(fnmatch.fnmatchcase(f, p) for p in ignored)]
        found |= {os.path.normpath(os.path.join(top, n)) for n in names
                  if not any(fnmatch.fnmatchcase(n, p) for p in ignored)}
    return found


def sources():
    try:
        names = listed_by_git()
    except Unknown:
        names = listed_by_walking()
    lines = ['%s %s' % (name, file_state(name)) for name in sorted(names)]
    lines += reference_state(os.environ.get('QTR_SHARED', '../shared'))
    return hashlib.sha256('\n'.join(lines).encode(errors='surrogateescape')).hexdigest()


def machine(devices):
    """What the same sources may give other results on."""
    packages = output_of('dpkg-query', '-W', '-f', '${Package} ${Architecture} ${Version}\n')
    variables = sorted('%s=%s' % pair for pair in os.environ.items() if VARIABLES.fullmatch(pair[0]))
    text = '\n'.join([platform.machine(), platform.release(), str(os.getuid()), *variables])
    parts = packages + output_of(devices, 'devices', '--json') + text.encode(errors='surrogateescape')
    return hashlib.sha256(parts).hexdigest()


def show(path, devices):
    try:
        with open(path, encoding='utf-8') as file:
            kept = json.load(file)
        if kept['sources'] != sources() or kept['machine'] != machine(devices):
            return 1
        when, lines = time.strftime('%Y-%m-%d %H:%M', time.localtime(kept['time'])), list(kept['lines'])
    except (OSError, ValueError, KeyError, TypeError, Unknown):
        return 1
    print('Nothing has changed since ./check passed on %s: these are the results kept from then.' % when)
    print('./check --again runs everything once more.')
    print('\n'.join(lines))
    return 0


def keep(path, devices, before, lines):
    try:
        if before != sources():
            return
        kept = {'sources': before, 'machine': machine(devices), 'time': time.time(), 'lines': lines}
    except Unknown:
        return
    with open(path + '.new', 'w', encoding='utf-8') as file:
        json.dump(kept, file)
    os.replace(path + '.new', path)


def main(argv):
    if argv == ['sources']:
        print(sources())
        return 0
    if len(argv) == 3 and argv[0] == 'show':
        return show(*argv[1:])
    if len(argv) == 4 and argv[0] == 'keep':
        keep(*argv[1:], sys.stdin.read().splitlines())
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

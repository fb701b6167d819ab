#!/usr/bin/env python3
"""cl/embed.py resolves #include as a preprocessor would, as TAP. Usage: test-embed.py EMBED C_COMPILER."""
import os
import re
import subprocess
import sys
import tempfile

from tap import run_tests


def embedded(files, program):
    """What a compiler keeps of `program`, one of `files` by name, in the registry."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            with open(os.path.join(folder, name), 'w', encoding='utf-8') as out:
                out.write(text)
        registry = os.path.join(folder, 'registry.c')
        subprocess.run([sys.executable, sys.argv[1], registry, os.path.join(folder, program)], check=True)
        with open(registry, encoding='utf-8') as lines:
            literals = re.findall(r'^    "(.*)\\n"', lines.read(), re.MULTILINE)
        text = ''.join(line.replace('\\"', '"').replace('\\\\', '\\') + '\n' for line in literals)
        return subprocess.run([*sys.argv[2:], '-E', '-P', '-x', 'c', '-'], input=text, text=True, check=True,
                              stdout=subprocess.PIPE).stdout.split()


def test_a_part_comes_once():
    assert embedded({'a.cl': '#include "b.cl"\n#include "c.cl"\na\n', 'b.cl': '#include "c.cl"\nb\n', 'c.cl': 'c\n'},
                    'a.cl') == ['c', 'b', 'a']


def test_a_part_under_a_false_condition_comes_later():
    parts = {'b.cl': '#include "c.cl"\nb\n', 'c.cl': 'c\n'}
    text = '#ifdef %s\n#include "b.cl"\n#endif\na\n#include "c.cl"\n#include "b.cl"\n'
    assert embedded({'p.cl': text % 'NEVER', **parts}, 'p.cl') == ['a', 'c', 'b']
    assert embedded({'p.cl': text % '__STDC__', **parts}, 'p.cl') == ['c', 'b', 'a']


def test_text_stays_as_it_is():
    assert embedded({'a.cl': '#define JOIN(a, \\\n b) a##b\nJOIN(x, y) "q\\n"\n'}, 'a.cl') == ['xy', '"q\\n"']


if __name__ == '__main__':
    sys.exit(run_tests(globals()))

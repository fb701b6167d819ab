#!/usr/bin/env python3
"""Tests of count.py, as TAP."""
import contextlib
import io
import json
import os
import sys
import tempfile

import count
from tap import run_tests


def run(tests, *options, expected=''):
    """count.py on a log of these tests: exit status and what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        log, skips = os.path.join(folder, 'log.json'), os.path.join(folder, 'skips.txt')
        with open(log, 'w', encoding='utf-8') as out:
            out.writelines(json.dumps(test) + '\n' for test in tests)
        with open(skips, 'w', encoding='utf-8') as out:
            out.write(expected)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = count.main(['--expected-skips', skips, *options, 'b=' + log])
        return status, printed.getvalue().splitlines()


def test(stdout, result='OK', name='unit / t', returncode=0):
    return {'name': name, 'result': result, 'stdout': stdout, 'returncode': returncode}


def test_cases_are_counted():
    status, lines = run([test('1..2\nok 1 - a\nok 2 - b\n'), test('no tap', name='script')])
    assert (status, lines) == (0, ['3 passed, 0 failed']), lines


def test_two_groups_in_one_program():
    status, lines = run([test('1..1\nok 1 - a\n# ok - g\n1..1\nok 1 - b\n# ok - h\n')])
    assert (status, lines) == (0, ['2 passed, 0 failed']), lines


def test_a_failure_shows_its_message():
    status, lines = run([test('1..2\nok 1 - a\n# 1 != 2\nnot ok 2 - b\n', 'FAIL', returncode=1)])
    assert status == 1 and lines[-1] == '1 passed, 1 failed', lines
    assert lines[0] == 'FAILED b/t/b' and '1 != 2' in lines[1], lines


def test_a_message_of_cmocka_belongs_to_the_case_before():
    told = dict(test('1..2\nnot ok 1 - a\n# golden.c:80: Failure!\nok 2 - b\n', 'FAIL', returncode=1), stderr='off by 2\n')
    _, lines = run([told])
    assert lines[1:4] == ['    golden.c:80: Failure!', '    standard error of the program:', '    off by 2'], lines


def test_a_crash_counts_what_never_ran():
    status, lines = run([test('1..3\nok 1 - a\n', 'FAIL', returncode=-11)])
    assert status == 1 and lines[-1] == '1 passed, 2 failed', lines
    assert any('-11' in line for line in lines), lines


def test_a_crash_before_the_first_case():
    status, lines = run([test('1..3\n', 'FAIL', returncode=-6)])
    assert status == 1 and lines[-1] == '0 passed, 3 failed', lines


def test_a_failure_after_the_last_case():
    status, lines = run([test('1..1\nok 1 - a\n', 'FAIL', returncode=23)])
    assert status == 1 and lines[-1] == '1 passed, 1 failed', lines


def test_a_timeout_fails():
    status, lines = run([test('', 'TIMEOUT')])
    assert status == 1 and lines[-1] == '0 passed, 1 failed', lines


SKIPPED = '1..2\nok 1 - a\nskipped: no golden files\nnot ok 2 # SKIP b\n'


def test_a_skip_says_why():
    status, lines = run([test(SKIPPED)])
    assert (status, lines) == (0, ['skipped b/t/b: skipped: no golden files',
                                   '1 passed, 0 failed, 1 skipped']), lines


def test_strict_allows_expected_skips_only():
    status, lines = run([test(SKIPPED)], '--strict', expected='# why\n*/t/b  # no GPU\n')
    assert status == 0 and lines[-1] == '1 passed, 0 failed, 1 skipped', lines
    status, lines = run([test(SKIPPED)], '--strict', expected='*/t/other\n')
    assert status == 1 and lines[-1] == '1 passed, 1 failed', lines


def test_standard_skip_directive():
    status, lines = run([test('1..1\nok 1 - a # SKIP no display\n')])
    assert lines[0] == 'skipped b/t/a: no display', lines


def test_cases_from_outside():
    status, lines = run([], '--case', 'format=pass', '--case', 'tidy=fail')
    assert status == 1 and lines[-1] == '1 passed, 1 failed', lines


def test_no_test_is_a_failure():
    status, lines = run([])
    assert (status, lines) == (1, ['0 passed, 0 failed']), lines


def test_missing_log_is_a_failure():
    with contextlib.redirect_stdout(io.StringIO()):
        assert count.main(['--case', 'format=pass', 'b=/does/not/exist']) == 1


if __name__ == '__main__':
    sys.exit(run_tests(globals()))

#!/usr/bin/env python3
"""Counts test cases in the logs of `meson test` and ends with one line "N passed, N failed".

Usage: count.py [--expected-skips FILE] [--strict] [--case NAME=pass|fail]... [LABEL=testlog.json]...

A test that prints TAP (cmocka with CMOCKA_MESSAGE_OUTPUT=TAP does) counts as its cases, another as
one. With --strict a skip that no line of the expected-skips file matches is a failure. Exits with 1 if
anything failed or nothing passed.
"""
import argparse
import collections
import fnmatch
import json
import re
import sys

PLAN = re.compile(r'^\s*1\.\.(\d+)\s*$')
CASE = re.compile(r'^\s*(not )?ok\b(?:\s+\d+)?(?:\s*-)?\s*(.*?)\s*$')
SKIP = re.compile(r'^(.*?)\s*#\s*SKIP\b\s*(.*)$', re.IGNORECASE)
MESON_SKIP = 77

Case = collections.namedtuple('Case', 'name outcome note')  # outcome: passed, failed, skipped


def parse_tap(text):
    """The cases of a TAP text and how many its plans announce."""
    cases, planned, said = [], 0, []
    for line in text.splitlines():
        plan, case = PLAN.match(line), CASE.match(line)
        if plan:
            planned += int(plan.group(1))
        elif case:
            name, skip = case.group(2), SKIP.match(case.group(2))
            if skip:
                # cmocka reports a skip as "not ok N # SKIP name"; the test itself said why before.
                name = skip.group(1) or skip.group(2)
                why = skip.group(2) if skip.group(1) else ''
                cases.append(Case(name, 'skipped', why or (said[-1] if said else 'no reason given')))
            elif case.group(1):
                cases.append(Case(name, 'failed', '\n'.join(said)))
            else:
                cases.append(Case(name, 'passed', ''))
            said = []
        elif line.strip(' #'):
            said.append(line.strip(' #'))
            if cases and cases[-1].outcome == 'failed' and line.startswith('#'):
                # cmocka says why after the fact.
                cases[-1] = cases[-1]._replace(note=cases[-1].note + '\n' + said.pop())
    return cases, planned


def tail(test, lines=40):
    text = (test.get('stdout') or '') + (test.get('stderr') or '')
    return '\n'.join(text.splitlines()[-lines:])


def cases_of_test(test):
    """The cases of one entry of testlog.json."""
    name, result = test['name'].split(' / ')[-1], test.get('result', '?')
    cases, planned = parse_tap(test.get('stdout') or '')
    cases = [Case('%s/%s' % (name, c.name), c.outcome, c.note) for c in cases]
    if not cases and not planned:
        outcome = {'OK': 'passed', 'SKIP': 'skipped', 'EXPECTEDFAIL': 'passed'}.get(result, 'failed')
        note = '' if outcome == 'passed' else tail(test) or 'no reason given'
        return [Case(name, outcome, note)]
    if any(c.outcome == 'failed' for c in cases) and test.get('stderr'):
        last = max(i for i, c in enumerate(cases) if c.outcome == 'failed')
        said = '\n'.join(test['stderr'].splitlines()[-20:])
        cases[last] = cases[last]._replace(note='%s\nstandard error of the program:\n%s' % (cases[last].note, said))
    # A program that died has cases that never ran; one that fails after its last case (a leak found at
    # exit, say) has failed too.
    lost = planned - len(cases)
    skipped_all = all(c.outcome == 'skipped' for c in cases)
    fine = result == 'OK' or (result == 'SKIP' and skipped_all)
    if lost > 0:
        cases += [Case('%s/(%d of %d not run)' % (name, i + 1, lost), 'failed', '') for i in range(lost - 1)]
    if lost > 0 or (not fine and not any(c.outcome == 'failed' for c in cases)):
        note = '%s, exit status %s\n%s' % (result, test.get('returncode'), tail(test))
        cases.append(Case('%s/(as a whole)' % name, 'failed', note))
    return cases


def read_log(path):
    with open(path, encoding='utf-8', errors='replace') as log:
        tests = [json.loads(line) for line in log if line.strip()]
    return [case for test in tests for case in cases_of_test(test)]


def read_expected(path):
    with open(path, encoding='utf-8') as lines:
        return [line.split('#')[0].strip() for line in lines if line.split('#')[0].strip()]


def judge_skip(case, expected, strict):
    if not strict or any(fnmatch.fnmatchcase(case.name, pattern) for pattern in expected):
        return case
    return Case(case.name, 'failed', 'skipped, but not listed as expected: ' + case.note)


def main(argv):
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument('--expected-skips')
    options.add_argument('--strict', action='store_true')
    options.add_argument('--case', action='append', default=[])
    options.add_argument('logs', nargs='*')
    args = options.parse_args(argv)

    cases = []
    for text in args.case:
        name, verdict = text.rsplit('=', 1)
        cases.append(Case(name, 'passed' if verdict == 'pass' else 'failed', 'see above'))
    for text in args.logs:
        label, path = text.split('=', 1)
        try:
            found = read_log(path)
        except (OSError, ValueError) as problem:
            found = [Case(path, 'failed', 'unreadable: %s' % problem)]
        cases += [Case('%s/%s' % (label, c.name), c.outcome, c.note) for c in found]

    expected = read_expected(args.expected_skips) if args.expected_skips else []
    cases = [judge_skip(c, expected, args.strict) if c.outcome == 'skipped' else c for c in cases]
    count = collections.Counter(c.outcome for c in cases)
    for case in cases:
        if case.outcome == 'skipped':
            print('skipped %s: %s' % (case.name, case.note.splitlines()[-1]))
    for case in cases:
        if case.outcome == 'failed':
            print('FAILED %s\n%s' % (case.name, re.sub('(?m)^', '    ', case.note.strip('\n'))))
    line = '%d passed, %d failed' % (count['passed'], count['failed'])
    if count['skipped']:
        line += ', %d skipped' % count['skipped']
    print(line)
    return 0 if count['passed'] and not count['failed'] else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

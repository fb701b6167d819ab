"""The runner of tests in Python: the functions test_... of a file are its cases, told as TAP."""
import contextlib
import os
import sys
import traceback


class Skip(Exception):
    """A case cannot be had here; says why."""


def expect(condition, *shown):
    """An assertion that shows what it is about."""
    if not condition:
        raise AssertionError(' '.join(repr(s)[:2000] for s in shown))


def told(error):
    """What went wrong and where: the last place that is not here."""
    frame = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__][-1]
    what = str(error) if isinstance(error, AssertionError) else '%s: %s' % (type(error).__name__, error)
    return ['%s:%d: %s' % (os.path.basename(frame.filename), frame.lineno, frame.line), *what.splitlines()]


def run_tests(names, place=contextlib.nullcontext, only=()):
    """Calls the tests of `names`, of which `only` may select some, each with what a `place` of its own gives, if
    anything; returns the exit status."""
    tests = [(name, test) for name, test in names.items() if name.startswith('test_') and (not only or name in only)]
    failed = 0
    print('1..%d' % len(tests))
    for number, (name, test) in enumerate(tests, 1):
        try:
            with place() as given:
                test(*([] if given is None else [given]))
            print('ok %d - %s' % (number, name))
        except Skip as why:
            print('ok %d - %s # SKIP %s' % (number, name, why))
        except Exception as error:  # a broken case must not hide the others
            failed += 1
            print('\n'.join('# ' + line for line in told(error)))
            print('not ok %d - %s' % (number, name))
        sys.stdout.flush()
    return 1 if failed else 0

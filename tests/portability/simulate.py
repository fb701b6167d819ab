#!/usr/bin/env python3
"""Runs every kernel of a few small networks under oclgrind: simulate.py STEPS-TOOL.

Accesses outside of buffers, data races between items and groups, and wrong uses of the API are
failures. Kernels are not optimised and do not prefetch, as oclgrind lacks the intrinsics. Its
search for uninitialised values is left out: it does not see that a buffer was filled with zeros.
Output is TAP.
"""
import shutil
import subprocess
import sys

FORMS = {"gpu": "work-groups share local memory", "cpu": "items for themselves"}
OCLGRIND = ["oclgrind", "--data-races", "--check-api", "--build-options", "-cl-opt-disable -DQTR_NO_PREFETCH"]


def main(tool):
    if not shutil.which("oclgrind"):
        print("1..1\nok 1 - kernels under oclgrind # SKIP oclgrind is not installed")
        return 0
    failed = 0
    print(f"1..{len(FORMS)}")
    for number, (form, meaning) in enumerate(FORMS.items(), 1):
        run = subprocess.run([*OCLGRIND, tool, form], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, check=False)
        said = run.stdout.strip()
        good = run.returncode == 0 and said == "steps taken on Oclgrind Simulator"
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {form}: {meaning}")
        if not good:
            for line in said.splitlines()[:60]:
                print(f"# {line}")
    return int(failed > 0)


sys.exit(main(*sys.argv[1:]))

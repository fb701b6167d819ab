#!/usr/bin/env python3
"""Runs every kernel of a few small networks under oclgrind: simulate.py STEPS-TOOL CL-FOLDER.

Accesses outside of buffers, data races between items and groups, and wrong uses of the API are
failures, and so is a program or kernel of CL-FOLDER that never ran. Kernels are not optimised and do not prefetch, as oclgrind lacks the intrinsics. Its
search for uninitialised values is left out: it does not see that a buffer was filled with zeros.
Output is TAP.
"""
import pathlib
import re
import shutil
import subprocess
import sys

FORMS = {"gpu": "work-groups share local memory", "cpu": "items for themselves, two convolutions at once",
         "strips": "items for themselves, strips of rows"}
# What is no part of a network: the measuring of devices, and those of the self-test that tests launch.
APART = {"peak", "selftest"}
OCLGRIND = ["oclgrind", "--data-races", "--check-api", "--inst-counts", "--build-options", "-cl-opt-disable -DQTR_NO_PREFETCH"]


def expected(folder):
    """Programs, the files with kernels, and the kernels of all of them."""
    programs, kernels = set(), set()
    for path in pathlib.Path(folder).glob("*.cl"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        # Those of cl/group.cl too, but not what it defines.
        text = re.sub(r"^#define .*\n", "", text, flags=re.M).replace("GROUP_KERNEL", "__kernel")
        found = re.findall(r"__kernel\s+(?:__attribute__\(\(.*?\)\)\)\s+)?void\s+(\w+)\(", text)
        if len(found) != text.count("__kernel"):
            raise ValueError(f"kernels of {path} that cannot be told")
        if found and path.stem not in APART:
            programs.add(path.stem)
            kernels |= set(found)
    return programs, kernels


def main(tool, folder):
    if not shutil.which("oclgrind"):
        print("1..1\nok 1 - kernels under oclgrind # SKIP oclgrind is not installed")
        return 0
    failed = 0
    programs, kernels = expected(folder)
    print(f"1..{len(FORMS) + 1}")
    for number, (form, meaning) in enumerate(FORMS.items(), 1):
        run = subprocess.run([*OCLGRIND, tool, form], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, check=False)
        kernels -= set(re.findall(r"^Instructions executed for kernel '(\w+)':$", run.stdout, flags=re.M))
        programs -= set(re.findall(r"^program (\S+)$", run.stdout, flags=re.M))
        said = re.sub(r"^(Instructions executed .*|program .*| *[\d,]+ - .*|)\n", "", run.stdout, flags=re.M).strip()
        good = run.returncode == 0 and said == "steps taken on Oclgrind Simulator"
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {form}: {meaning}")
        if not good:
            for line in said.splitlines()[:60]:
                print(f"# {line}")
    missed = sorted(programs) + sorted(kernels)
    print(f"{'not ok' if missed else 'ok'} {len(FORMS) + 1} - every program and kernel ran")
    for name in missed:
        print(f"# not run: {name}")
    return int(failed > 0 or bool(missed))


sys.exit(main(*sys.argv[1:]))

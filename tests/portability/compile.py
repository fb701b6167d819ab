#!/usr/bin/env python3
"""Compiles every OpenCL program of a configuration for GPUs that are not here.

compile.py PROGRAMS-TOOL [--report]: the tool writes the programs (programs.c). Those in the form for
GPUs are compiled for one NVIDIA and two AMD generations down to assembly, linked with libclc; those
in the form for CPUs, and convolutions with Intel's subgroups, are checked by the compiler's front
end. Warnings are errors; there must be no double precision, no call that was not inlined (so no
recursion and no builtin that libclc lacks), and, where the assembler tells (AMD), no spilled
register and no more than 32 KiB of local memory.
Output is TAP; --report prints registers and local memory of each AMD kernel.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

CLANG = "clang-15"
LIBCLC = "/usr/lib/clc"
LOCAL_MAX = 32 * 1024
TARGETS = {
    "nvptx64": ["--target=nvptx64-nvidia-nvcl", "nvptx64--nvidiacl.bc"],
    "gfx906": ["--target=amdgcn-amd-amdhsa", "-mcpu=gfx906", "amdgcn--amdhsa.bc"],
    "gfx1030": ["--target=amdgcn-amd-amdhsa", "-mcpu=gfx1030", "amdgcn--amdhsa.bc"],
}
FRONT_ENDS = {"front end": [], "front end, subgroups": ["-DSUBGROUPS"]}
# What only some options use is no mistake, and libclc names its targets in its own way.
COMMON = ["-x", "cl", "-Xclang", "-finclude-default-header", "-Xclang", "-fdeclare-opencl-builtins",
          "-Wall", "-Wextra", "-Wdouble-promotion", "-Werror", "-Wno-unused-parameter",
          "-Wno-unused-function", "-Wno-unused-variable", "-Wno-linker-warnings", "-nogpulib"]


def clang(arguments):
    run = subprocess.run([CLANG, *arguments], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout, run.stderr


def problems_of(assembly, target):
    found = []
    if target == "nvptx64":
        if re.search(r"\.f64\b", assembly):
            found.append("uses double precision")
        found += [f"calls {name}" for name in re.findall(r"^\s*call[^;]*?\b(\w+),", assembly, re.M)]
    else:
        if re.search(r"^\s*v_\w+_f64\b", assembly, re.M):
            found.append("uses double precision")
        if re.search(r"^\s*s_swappc_b64", assembly, re.M):
            found.append("calls a function")
        for kernel, figures in kernels_of(assembly):
            for what in ("sgpr_spill_count", "vgpr_spill_count"):
                if figures[what]:
                    found.append(f"{kernel}: {what} {figures[what]}")
            if figures["group_segment_fixed_size"] > LOCAL_MAX:
                found.append(f"{kernel}: {figures['group_segment_fixed_size']} bytes of local memory")
    return found


def kernels_of(assembly):
    """(name, figures) of the metadata an AMD assembly ends with."""
    metadata = assembly[assembly.find("amdhsa.kernels:"):]
    for part in re.split(r"^  - ", metadata, flags=re.M)[1:]:
        name = re.search(r"^    \.name: +(\S+)", part, re.M)
        if name:
            yield name.group(1), {key: int(value) for key, value in
                                  re.findall(r"^ +\.(\w+): +(\d+)$", part, re.M)}


def compile_one(base, target, report):
    with open(base + ".options", encoding="utf-8") as f:
        options = f.read().split()
    name = f"{os.path.basename(base)} for {target} ({' '.join(o for o in options if o[:2] == '-D')})"
    if target not in TARGETS:
        code, _, log = clang(COMMON + options + FRONT_ENDS[target] + ["--target=spir64", "-fsyntax-only", base + ".cl"])
        return name, [log] if code else [], []
    *flags, library = TARGETS[target]
    code, assembly, log = clang(COMMON + options + flags + [
        "-Xclang", "-mlink-builtin-bitcode", "-Xclang", f"{LIBCLC}/{library}",
        "-O3", "-S", "-o", "-", base + ".cl"])
    figures = []
    if report and target != "nvptx64" and not code:
        figures = [f"{kernel}: {f['vgpr_count']} VGPRs, {f['sgpr_count']} SGPRs, "
                   f"{f['group_segment_fixed_size']} bytes local, "
                   f"{f['private_segment_fixed_size']} bytes private"
                   for kernel, f in kernels_of(assembly)]
    return name, [log] if code else problems_of(assembly, target), figures


def missing():
    try:
        targets = clang(["-print-targets"])[1]
    except FileNotFoundError:
        return f"{CLANG} is not installed"
    for target in ("nvptx64", "amdgcn"):
        if not re.search(rf"^\s*{target}\b", targets, re.M):
            return f"{CLANG} does not compile for {target}"
    for *_, library in TARGETS.values():
        if not os.path.exists(f"{LIBCLC}/{library}"):
            return f"libclc's {library} is not installed"
    return None


def jobs_of(folder):
    for entry in sorted(os.listdir(folder)):
        base, extension = os.path.splitext(os.path.join(folder, entry))
        if extension == ".cl":
            with open(base + ".options", encoding="utf-8") as f:
                for_gpus = "-DQTR_VL=1 " in f.read() + " "
            yield from ((base, target) for target in (TARGETS if for_gpus else ["front end"]))
            if entry.startswith("conv-gpu"):
                yield base, "front end, subgroups"


def main(tool, *rest):
    reason = missing()
    if reason:
        print(f"1..1\nok 1 - kernels compile for GPUs # SKIP {reason}")
        return 0
    failed = number = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([tool, folder], check=True)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda job: compile_one(*job, "--report" in rest), jobs_of(folder))
            for number, (name, problems, figures) in enumerate(results, 1):
                print(f"{'not ok' if problems else 'ok'} {number} - {name}")
                failed += bool(problems)
                for line in "\n".join(problems).splitlines() + figures:
                    print(f"# {line}")
    print(f"1..{number}")
    return int(failed > 0 or number == 0)


sys.exit(main(*sys.argv[1:]))

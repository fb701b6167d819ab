#!/usr/bin/env python3
"""Writes the kernel registry: embed.py OUT.c FILE.cl ...; replaces #include "x.cl" by that file, beside its own,
within an include guard."""
import os
import re
import sys


def resolve(path):
    text = []
    folder = os.path.dirname(path)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            match = re.match(r'\s*#include "([^"]+)"', line)
            if match:
                guard = "QTR_HAS_" + re.sub(r"\W", "_", match.group(1)).upper()
                text += [f"#ifndef {guard}\n", f"#define {guard}\n",
                         *resolve(os.path.join(folder, match.group(1))), "#endif\n"]
            else:
                text.append(line)
    return text


def literal(lines):
    out = []
    for line in lines:
        line = line.rstrip("\n").replace("\\", "\\\\").replace('"', '\\"')
        out.append(f'    "{line}\\n"')
    return "\n".join(out) or '    ""'


def main(out, paths):
    with open(out, "w", encoding="utf-8") as f:
        f.write('#include "gpu/registry.h"\n\n#include <stddef.h>\n\n')
        f.write("const QtrClSource qtr_cl_sources[] = {\n")
        for path in paths:
            name = os.path.splitext(os.path.basename(path))[0]
            f.write(f'{{"{name}",\n{literal(resolve(path))}}},\n')
        f.write("{NULL, NULL},\n};\n")


main(sys.argv[1], sys.argv[2:])

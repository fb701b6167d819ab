#!/usr/bin/env python3
"""Writes the kernel registry: embed.py OUT.c FILE.cl ...; resolves #include "x.cl" beside the file."""
import os
import re
import sys


def resolve(path, seen):
    text = []
    folder = os.path.dirname(path)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            match = re.match(r'\s*#include "([^"]+)"', line)
            if not match:
                text.append(line)
            elif match.group(1) not in seen:
                seen.add(match.group(1))
                text.extend(resolve(os.path.join(folder, match.group(1)), seen))
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
            f.write(f'{{"{name}",\n{literal(resolve(path, set()))}}},\n')
        f.write("{NULL, NULL},\n};\n")


main(sys.argv[1], sys.argv[2:])

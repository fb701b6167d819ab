"""The files that go with the application: desktop file, metainfo, settings, icons, translations.

Usage: test-install-data.py SOURCE_ROOT BUILD_ROOT; TAP on standard output.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import Skip, run_tests  # noqa: E402

SOURCE, BUILD = (pathlib.Path(p) for p in sys.argv[1:3])
ID = "io.github.quantoaster.QuanToaster"


def run(*command):
    if not shutil.which(command[0]):
        raise Skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_desktop_file():
    run("desktop-file-validate", BUILD / "resources" / f"{ID}.desktop")


def test_desktop_file_is_german():
    text = (BUILD / "resources" / f"{ID}.desktop").read_text()
    assert "Comment[de]=" in text


def test_metainfo():
    run("appstreamcli", "validate", "--no-net", BUILD / "resources" / f"{ID}.metainfo.xml")


def test_settings_schema():
    run("glib-compile-schemas", "--strict", "--dry-run", SOURCE / "resources")


def test_icons_are_drawings():
    icons = list((SOURCE / "resources" / "icons").rglob("*.svg"))
    assert any(i.stem == ID for i in icons) and any(i.stem == f"{ID}-symbolic" for i in icons)
    for icon in icons:
        assert ET.parse(icon).getroot().tag.endswith("svg"), icon


def translatable():
    for path in sorted((SOURCE / "ui").iterdir()):
        text = path.read_text() if path.suffix in (".c", ".ui") else ""
        if re.search(r'\b(_|N_|ngettext)\("|translatable="yes"', text):
            yield f"ui/{path.name}"


def test_all_files_are_translated():
    listed = (SOURCE / "po" / "POTFILES").read_text().split("\n")
    missing = [name for name in translatable() if name not in listed]
    assert not missing, f"not in po/POTFILES: {missing}"
    gone = [n for n in listed if n and not n.startswith("#") and not (SOURCE / n).exists()]
    assert not gone, f"in po/POTFILES but not there: {gone}"


def test_german_is_complete():
    if not shutil.which("xgettext"):
        raise Skip("xgettext is not installed")
    pot = BUILD / "quantoaster-test.pot"
    schema = ["KEY_INT:6", "KEY_FLOAT:6", "KEY_ABOVE:6", "KEY_ENUM:5", "KEY:5"]
    words = ["_", "N_", "ngettext:1,2", *schema]
    run("xgettext", "--from-code=UTF-8", "-o", pot, "-D", SOURCE, "-f", SOURCE / "po" / "POTFILES",
        *(f"--keyword={word}" for word in words))
    merged = subprocess.run(["msgmerge", "-q", "-N", "-o", "-", SOURCE / "po" / "de.po", pot],
                            capture_output=True, text=True, check=True).stdout
    todo = subprocess.run(["msgattrib", "--untranslated", "--no-wrap", "-"], input=merged,
                          capture_output=True, text=True, check=True).stdout
    open_texts = re.findall(r'^msgid (".+")$', todo, re.M)
    assert not open_texts, f"no German for {open_texts}"


def test_german_is_well_formed():
    run("msgfmt", "-c", "-o", "/dev/null", SOURCE / "po" / "de.po")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))

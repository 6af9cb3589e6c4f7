"""Builds the site; see docs/build."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from . import build


def main(target: Path, rust: Path) -> int:
    """Writes the pages into `target/pages` and the site into `target/html`."""
    target = target.resolve()
    pages, out = target / "pages", target / "html"
    every = build.write(pages)
    config = target / "mkdocs.yml"
    config.write_text(
        yaml.safe_dump(build.settings(pages, out, every), sort_keys=False), encoding="utf-8"
    )
    # Of rustdoc's page mkdocs sees the first, so that links to it are links.
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(config)],
        check=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    build.localised(out)
    subprocess.run(["cp", "-r", str(rust), str(out / "rust")], check=True)
    wrong = build.broken(out)
    for page in out.rglob("*.html"):
        if page.relative_to(out).parts[0] != "rust":
            wrong += [f"{page.relative_to(out)} loads {it}" for it in build.outside(page)]
    for it in wrong:
        print(it, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

"""Find a browser for the tests, or install one: ``python -m tests.browser.install``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


def find_browser() -> str | None:
    """Return the path of a Chromium or Chrome of the system, else of Playwright's own; None without one."""
    paths = [path for name in _NAMES if (path := shutil.which(name))]
    paths += [path for path in _PATHS if Path(path).exists()]
    return paths[0] if paths else _playwrights_own()


def main() -> int:
    """Install a browser unless there is one. Return the exit status."""
    if not find_browser():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not find_browser() and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False)
    browser = find_browser()
    print(f"browser: {browser or 'none. Install Chromium or Chrome and try again.'}")
    return 0 if browser else 1


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    sys.exit(main())

/** Finds the Chromium or Chrome that the browser tests drive, and on Debian installs it when it is missing. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

const APPLICATIONS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/usr/lib/chromium/chromium', '/opt/google/chrome/chrome', '/snap/bin/chromium'],
  darwin: ['', process.env['HOME'] ?? ''].flatMap((home) => [
    `${home}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`,
    `${home}/Applications/Chromium.app/Contents/MacOS/Chromium`,
  ]),
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
    const folder = process.env[name] ?? '';
    return [
      `${folder}\\Google\\Chrome\\Application\\chrome.exe`,
      `${folder}\\Chromium\\Application\\chrome.exe`,
    ];
  }),
};

/** Path of the browser's program, or undefined when there is none. `CHROME_PATH` comes before all others. */
export function findChromium(): string | undefined {
  const chosen = process.env['CHROME_PATH'];
  if (chosen !== undefined && chosen !== '') {
    if (!existsSync(chosen))
      throw new Error(`CHROME_PATH names ${chosen}, which is not there: correct or unset it.`);
    return chosen;
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const onPath = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...onPath, ...(APPLICATIONS[process.platform] ?? [])].find((path) => existsSync(path));
}

/** Installs Debian packages when this user may, without asking for a password; false when it could not. */
export function installDebianPackages(...packages: readonly string[]): boolean {
  if (!existsSync('/etc/debian_version')) return false;
  const isRoot = process.getuid?.() === 0;
  const aptGet = (...args: readonly string[]) => {
    const command = [
      ...(isRoot ? [] : ['sudo', '-n']),
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-qq',
      ...args,
    ];
    const [program = '', ...rest] = command;
    return spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  };
  console.log(`Installing ${packages.join(', ')} with apt-get.`);
  // A stale index still installs most things, so a failed update is not the end.
  aptGet('update');
  return aptGet('install', '-y', '--no-install-recommends', ...packages);
}

/** The browser's path. Where it is missing on Debian, it is installed with a font, for a bare machine has none. */
export function requireChromium(): string {
  const found =
    findChromium() ?? (installDebianPackages('chromium', 'fonts-liberation') ? findChromium() : undefined);
  if (found === undefined) {
    throw new Error('No Chromium or Chrome was found: install one, or set CHROME_PATH to its program.');
  }
  return found;
}

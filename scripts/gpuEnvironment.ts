/** Chooses the Vulkan driver that Node's WebGPU will see; it must be in the environment before the process starts. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

import { findChromium } from './chromium.ts';

/** The folder of a Chromium with its software driver: beside the program, or where Debian puts it. */
function findSwiftShader(): string | undefined {
  const chromium = findChromium();
  const folders = ['/usr/lib/chromium', '/opt/google/chrome'];
  if (chromium !== undefined) folders.unshift(dirname(realpathSync(chromium)));
  return folders.find((folder) => existsSync(join(folder, 'vk_swiftshader_icd.json')));
}

/** Chromium carries a Vulkan loader as well; a link gives it a folder of its own for LD_LIBRARY_PATH. */
function linkLoader(swiftShader: string): string {
  const folder = resolve('.cache/vulkan');
  const link = join(folder, 'libvulkan.so.1');
  mkdirSync(folder, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join(swiftShader, 'libvulkan.so.1'), link);
  return folder;
}

/**
 * Variables for a child process that uses WebGPU. On Linux tests run on SwiftShader, so their numbers do
 * not depend on the machine; with `hardwareOnly` WebGPU finds the system's own driver or none. A `VK_ICD_FILENAMES`
 * that is set already is kept. Other systems need nothing: Metal and Direct3D are always there.
 */
export function gpuEnvironment(hardwareOnly: boolean): NodeJS.ProcessEnv {
  const { env } = process;
  if (process.platform !== 'linux' || env['VK_ICD_FILENAMES'] !== undefined) return env;
  // The loader complains when this is unset, though nothing here draws on a screen.
  const quiet = { XDG_RUNTIME_DIR: tmpdir(), ...env };
  // Without a GPU the processor itself is many times faster than a software GPU on it.
  if (hardwareOnly) return quiet;
  const swiftShader = findSwiftShader();
  if (swiftShader === undefined) return quiet;
  const libraries = [linkLoader(swiftShader), env['LD_LIBRARY_PATH'] ?? ''].filter((path) => path !== '');
  return {
    ...quiet,
    VK_ICD_FILENAMES: join(swiftShader, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: libraries.join(delimiter),
  };
}

const DRIVERS = '/usr/share/vulkan/icd.d';

/** Run in a process of its own with the driver to try: prints the name of the adapter that WebGPU finds. */
const NAME_ADAPTER = `
  const { create } = await import('webgpu');
  const adapter = await create([]).requestAdapter();
  process.stdout.write(adapter?.info.description ?? '');
  process.exit(0);`;

/**
 * Mesa's processor driver, which has features that SwiftShader lacks: the file that `LAVAPIPE_ICD` names, or else the
 * installed one. Undefined where there is none, or one so old that WebGPU does not take it.
 */
export function findLavapipe(
  env: NodeJS.ProcessEnv,
): { readonly driver: string; readonly name: string } | undefined {
  if (process.platform !== 'linux') return undefined;
  const installed = existsSync(DRIVERS)
    ? readdirSync(DRIVERS).find((name) => name.startsWith('lvp'))
    : undefined;
  const driver = process.env['LAVAPIPE_ICD'] ?? (installed && join(DRIVERS, installed));
  if (driver === undefined) return undefined;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', NAME_ADAPTER], {
    env: { ...env, VK_ICD_FILENAMES: driver },
    encoding: 'utf8',
  });
  return stdout === '' ? undefined : { driver, name: stdout };
}

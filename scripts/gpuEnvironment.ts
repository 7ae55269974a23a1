/** Chooses the Vulkan driver that Node's WebGPU will see; it must be in the environment before the process starts. */

import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
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

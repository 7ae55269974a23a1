/** Chooses the Vulkan driver that Node's WebGPU will see; it must be in the environment before the process starts. */

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

function hasGpu(): boolean {
  if (existsSync('/dev/nvidiactl')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
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
 * not depend on the machine; `preferHardware` takes a real GPU when there is one. A `VK_ICD_FILENAMES`
 * that is set already is kept. Other systems need nothing: Metal and Direct3D are always there.
 */
export function gpuEnvironment(preferHardware: boolean): NodeJS.ProcessEnv {
  const { env } = process;
  if (process.platform !== 'linux' || env['VK_ICD_FILENAMES'] !== undefined) return env;
  if (preferHardware && hasGpu()) return env;
  const swiftShader = findSwiftShader();
  if (swiftShader === undefined) return env;
  const libraries = [linkLoader(swiftShader), env['LD_LIBRARY_PATH'] ?? ''].filter((path) => path !== '');
  return {
    // The loader complains when this is unset, though nothing here draws on a screen.
    XDG_RUNTIME_DIR: tmpdir(),
    ...env,
    VK_ICD_FILENAMES: join(swiftShader, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: libraries.join(delimiter),
  };
}

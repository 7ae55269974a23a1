import { defineConfig } from '@playwright/test';

import { requireChromium } from './scripts/chromium.ts';

const port = 4319;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  workers: 1,
  forbidOnly: true,
  // The software GPU needs minutes for what a real one does in seconds.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  use: {
    baseURL: `http://localhost:${port}/`,
    // A film of the page would take the cores that the software GPU computes on.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: requireChromium(),
      args: [
        '--headless=new',
        '--no-sandbox',
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
        '--use-vulkan=swiftshader',
        '--enable-features=Vulkan',
        '--disable-vulkan-surface',
        '--ignore-gpu-blocklist',
        // Where shaders clear this memory themselves, the software GPU compiles them several times faster.
        '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
      ],
    },
  },
  webServer: {
    command: `node --import tsx scripts/start.ts --port ${port}`,
    url: `http://localhost:${port}/`,
    reuseExistingServer: false,
    timeout: 300_000,
  },
});

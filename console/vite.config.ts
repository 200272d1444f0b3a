import react from '@vitejs/plugin-react';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { localStack } from './vite.dev.ts';
import { trim } from './vite.trim.ts';

export default defineConfig({
  base: '/',
  cacheDir: '../.local/vite',
  // The client as its source stands, which is compiled only to be installed elsewhere.
  resolve: { conditions: ['handfast-source', ...defaultClientConditions] },
  plugins: [react(), localStack(), trim()],
  build: {
    outDir: '../functions/console/site',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    // Everything stays a file of our own origin: the content security policy lets nothing else in.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
  test: {
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'console',
          include: ['src/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['src/testing/setup.ts'],
          css: false,
          env: { DEBUG_PRINT_LIMIT: '0' },
          server: { deps: { inline: [/@cloudscape-design/] } },
        },
      },
      { extends: true, test: { name: 'client', include: ['client/tests/*.test.ts'] } },
    ],
  },
});

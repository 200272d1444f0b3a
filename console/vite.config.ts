import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { localStack } from './vite.dev.ts';
import { trim } from './vite.trim.ts';

export default defineConfig({
  base: '/',
  cacheDir: '../.local/vite',
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
    environment: 'jsdom',
    setupFiles: ['src/testing/setup.ts'],
    css: false,
    env: { DEBUG_PRINT_LIMIT: '0' },
    restoreMocks: true,
    server: { deps: { inline: [/@cloudscape-design/] } },
  },
});

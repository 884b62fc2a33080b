// npm run build: the product and its libraries as few files in dist/. Loaded one by one, a thousand small ones take twice
// the time to start and 45 MB more; the types are looked at by `npm run check`.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('dist', import.meta.url));
const oneDayMs = 24 * 3_600_000;

mkdirSync(dist, { recursive: true });
const { metafile } = await build({
  absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
  entryPoints: ['src/cli.ts'],
  outdir: dist,
  bundle: true,
  splitting: true, // a command loads what it needs
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  external: ['@electric-sql/pglite', 'pino', 'pg-native'], // the first two look for files of their own; nobody has the third
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
});

// A process that runs may still load a file of the last build, so that goes a day later.
const made = Object.keys(metafile.outputs).map((path) => basename(path));
for (const name of readdirSync(dist)) {
  const isOld = Date.now() - statSync(join(dist, name)).mtimeMs > oneDayMs;
  if (!made.includes(name) && isOld) rmSync(join(dist, name), { recursive: true });
}

// npm run build: the product and its libraries as few files in dist/. Loaded one by one, a thousand small ones take twice
// the time to start and 45 MB more; the types are looked at by `npm run check`.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('dist', import.meta.url));
const oneWeekMs = 7 * 24 * 3_600_000;

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
  external: [
    ...['@electric-sql/pglite', 'pino'], // they look for files of their own
    ...['pg-native', '@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'], // never asked for
  ],
  alias: { 'readable-stream': 'node:stream' }, // what it brings to where there is none
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  // Two look at a global that loads all of fetch, which takes 0.1 s: pg to learn where it runs (navigator is as Node has
  // it since 21), the multipart parser for a request.formData() that nobody here asks for.
  define: {
    navigator: JSON.stringify({ userAgent: `Node.js/${process.versions.node.split('.')[0]}` }),
    'globalThis.FormData': 'undefined',
  },
  metafile: true,
  logLevel: 'warning',
});

// A process that runs may still load a file of an earlier build: what is out of date goes a week after it became so.
const [now, list] = [Date.now(), join(dist, 'superseded.json')];
const made = Object.keys(metafile.outputs).map((path) => basename(path));
const before = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : {};
const superseded = {};
for (const name of readdirSync(dist)) {
  if (made.includes(name) || join(dist, name) === list) continue;
  const since = before[name] ?? now;
  if (now - since > oneWeekMs) rmSync(join(dist, name), { recursive: true });
  else superseded[name] = since;
}
writeFileSync(list, JSON.stringify(superseded));

import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster, writePGliteImage } from './fixtures/db.ts';

// The whole suite: one PostgreSQL for the run, one image of the embedded database, then tap.
const image = join(tmpdir(), `candor-pglite-${process.pid}.tar`);
const [cluster] = await Promise.all([startCluster(), writePGliteImage(image)]);
const args = process.argv.slice(2);
const tap = spawn('npx', ['tap', ...(args.length > 0 ? args : [])], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, TEST_POSTGRES_URL: cluster.url, TEST_PGLITE_IMAGE: image },
});
const code = await new Promise<number>((resolve) => tap.on('exit', (status) => resolve(status ?? 1)));
await cluster.stop();
rmSync(image, { force: true });
process.exit(code);

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = [['docker', 'compose'], ['docker-compose']].find(
  ([first, ...rest]) => spawnSync(first!, [...rest, 'version']).status === 0,
);

t.test('docker-compose.yml is understood, and opens nothing to the outside', async (t) => {
  if (!command) {
    console.error('SKIPPED: no docker-compose here to read docker-compose.yml with');
    t.pass('docker-compose.yml is read', { skip: 'no docker-compose here' });
    return;
  }
  const [first, ...rest] = command;
  const { status, stdout, stderr } = spawnSync(first!, [...rest, '--profile', 'cache', 'config'], {
    cwd: root,
    encoding: 'utf8',
  });
  t.equal(status, 0, stderr);
  for (const image of ['postgres:17', 'mailpit', 'nginx:']) t.match(stdout, image);
  const ports = [...stdout.matchAll(/^\s*- (\S+:\d+:\d+)/gm)].map(([, port]) => port!);
  t.equal(ports.length, 3);
  for (const port of ports) t.match(port, /^127\.0\.0\.1:/);
  const [, from] = /'s\/(server [\d.:]+)\//.exec(stdout) ?? [];
  t.ok(
    readFileSync(join(root, 'ops/nginx/candor.conf'), 'utf8').includes(`${from}`),
    'the cache asks the app',
  );
});

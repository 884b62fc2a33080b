import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = [['docker', 'compose'], ['docker-compose']].find(
  ([first, ...rest]) => spawnSync(first!, [...rest, 'version']).status === 0,
);

t.test('the container hears of every variable that the README lists', async (t) => {
  const [readme, compose] = ['README.md', 'docker-compose.yml'].map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  const table = readme!.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
  const names = table.flatMap((line) => line.split('|')[1]!.match(/[A-Z][A-Z0-9_]+/g) ?? []);
  t.ok(names.length > 25);
  const ofTheImage = ['HOST', 'PORT', 'DATA_DIR'];
  t.same(
    names.filter((name) => !ofTheImage.includes(name) && !compose!.includes(`\n      ${name}: `)),
    [],
  );
});

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

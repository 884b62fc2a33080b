import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { connect } from '../../src/db.ts';
import { freshUrl } from '../fixtures/db.ts';
import { adminToken, candor, emptyDir, root } from '../fixtures/process.ts';

t.test('five replicas boot at once on an empty database: one migrates, all are ready', async (t) => {
  const databaseUrl = await freshUrl(t, { empty: true });
  const all = Array.from({ length: 5 }, () =>
    candor(t, { DATABASE_URL: databaseUrl, DATA_DIR: emptyDir(t), ADMIN_TOKEN: adminToken }),
  );
  for (const one of all) t.equal((await fetch(`${await one.url}/readyz`)).status, 200);
  t.equal(all.filter((one) => /the database was migrated/.test(one.stdout())).length, 1);
  const base = await connect({ databaseUrl, dataDir: '' });
  t.teardown(() => base.close());
  const applied = await base.db.selectFrom('migration').select('name').orderBy('name').execute();
  t.same(
    applied.map((row) => row.name),
    readdirSync(join(root, 'migrations')).sort(),
  );
  const tokens = await base.db.selectFrom('api_token').select('id').execute();
  t.equal(tokens.length, 1, 'they share one token');
  for (const one of all) one.kill('SIGTERM');
  for (const one of all) t.match(await one.ended, { code: 0 });
});

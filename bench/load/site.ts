import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { connect } from '../../src/db.ts';
import { fillDemo } from '../../src/demo/sample.ts';
import { startCluster } from '../../test/fixtures/db.ts';

/** A PostgreSQL with a page of a company of some years in it; `copy` makes another like it. */
export interface Site {
  url: string;
  issue: string;
  dataDir: string;
  copy(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const cluster = await startCluster();
  const dataDir = mkdtempSync(join(tmpdir(), 'candor-bench-'));
  const { db, close } = await connect({ databaseUrl: cluster.template, dataDir: '' });
  const { broken } = await fillDemo(db, new Date());
  await sql`vacuum analyze`.execute(db);
  await close();
  return {
    url: cluster.template,
    issue: broken,
    dataDir,
    async copy(name) {
      const base = await connect({ databaseUrl: cluster.url, dataDir: '' });
      await sql`create database ${sql.id(name)} template candor_template`.execute(base.db);
      await base.close();
      const url = new URL(cluster.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    async stop() {
      await cluster.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from './config.ts';
import { connect, type Db } from './db.ts';
import { addDemoStaff } from './demo/people.ts';
import { fillDemo } from './demo/sample.ts';
import { company } from './demo/story.ts';
import { start } from './main.ts';
import { migrate } from './migrate.ts';

/** Serves a page with sample data from a throw-away directory, which goes with the process. HOST and PORT count; mail goes to files. */
export async function startDemo(out: { write(text: string): unknown }): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'candor-demo-'));
  process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  const config = demoConfig(readConfig(), dataDir);
  out.write('Making a throw-away database with sample data; this takes some seconds …\n');
  const database = await connect({ databaseUrl: null, dataDir });
  await migrate(database.db);
  const filled = await fill(database.db, new Date()).finally(() => database.close());
  await start(config);
  out.write(whatToTry(config, filled.issues, filled.staff));
}

async function fill(db: Db, now: Date) {
  return { issues: await fillDemo(db, now), staff: await addDemoStaff(db, now) };
}

function demoConfig(asked: Config, dataDir: string): Config {
  return Object.freeze({
    ...asked,
    dataDir,
    databaseUrl: null,
    smtpUrl: null,
    adminToken: null,
    notifier: true,
    pageName: company,
    supportUrl: null,
    supportEmail: 'help@paperboat.example',
    supportPhone: '+44 20 7946 0123',
    supportHours: 'Monday to Friday, 9:00 to 17:00 in London',
    logLevel: asked.logLevel === 'info' ? 'warn' : asked.logLevel,
  });
}

function whatToTry(
  { baseUrl, dataDir }: Config,
  { broken, fixed }: { broken: string; fixed: string },
  staff: { email: string; password: string },
): string {
  return `
Open
  ${baseUrl}/                       what is broken now
  ${baseUrl}/issues/${broken}    say "me too" there, with an address
  ${baseUrl}/issues/${fixed}    one that is over
  ${baseUrl}/search?q=publish+button+dead
  ${baseUrl}/report  ${baseUrl}/history
  ${baseUrl}/subscribe  ${baseUrl}/tools          to hear of it, by mail, feed, calendar, badge

The desk, where support works: eleven people wait there with one new problem
  ${baseUrl}/admin                  sign in as ${staff.email} with the password ${staff.password}

Acknowledge it, resolve it, and everybody who told you is told; the mails are files in ${join(dataDir, 'mail')}
Programs do the same: curl -H "Authorization: Bearer $(cat ${join(dataDir, 'admin-token')})" ${baseUrl}/api/v1/reports

Ctrl-C stops the demo and removes everything in ${dataDir}
`;
}

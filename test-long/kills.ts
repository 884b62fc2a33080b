import { randomInt } from 'node:crypto';
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import t from 'tap';
import { connect } from '../src/db.ts';
import { engines, freshUrl } from '../test/fixtures/db.ts';
import { adminToken, call, candor, dataDir, emptyDir, incident, until } from '../test/fixtures/process.ts';
import { smtpServer } from '../test/fixtures/smtp.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '4' } }, strict: false });
const rounds = Number(values.rounds);
const concurrency = 5;

for (const engine of engines) {
  t.test(`kill -9 while 1,000 mails go out, ${rounds} times (${engine})`, async (t) => {
    const smtp = await smtpServer(t); // which says yes at once: what a slow one adds is not ours
    const databaseUrl = engine === 'postgres' ? await freshUrl(t) : null;
    const where = databaseUrl
      ? { DATABASE_URL: databaseUrl, DATA_DIR: emptyDir(t) }
      : { DATA_DIR: await dataDir(t) };
    const env = { ...where, ADMIN_TOKEN: adminToken, SMTP_URL: smtp.url, NOTIFIER_CRON: '* * * * * *' };
    const people = Array.from({ length: 1_000 }, (_, n) => ({ email: `who-${n}@customers.example` }));
    let one = candor(t, env);
    let twice = 0;
    for (let round = 1; round <= rounds; round++) {
      const before = smtp.received.length;
      const { id } = await call(await one.url, 'POST', '/issues', incident);
      await call(await one.url, 'POST', `/issues/${id}/reports`, people);
      await call(await one.url, 'POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
      const enough = before + randomInt(20, 900);
      await until(`${enough} mails came`, () => smtp.received.length >= enough, 120);
      one.kill('SIGKILL');
      await one.ended;
      if (databaseUrl) await letLeasesRunOut(databaseUrl);
      one = candor(t, env);
      const url = await one.url;
      const left = async () => (await call(url, 'GET', `/issues/${id}/notifications`)).queued;
      await until('nothing is queued', async () => (await left()) === 0, 120);
      const mails = smtp.received.slice(before);
      const ids = new Set(mails.map((mail) => mail.messageId));
      t.equal(new Set(mails.map((mail) => mail.to.join())).size, people.length, 'LOST 0');
      t.equal(ids.size, people.length, 'a mail that came twice is the same mail');
      t.ok(mails.length - ids.size <= concurrency, `DUP ${mails.length - ids.size}`);
      twice += mails.length - ids.size;
    }
    writeSync(2, `${engine}: ${twice} twice in ${rounds} kills\n`);
    if (rounds >= 20) t.ok(twice / rounds <= 0.35 * concurrency, `${twice / rounds} twice a kill`);
  });
}

async function letLeasesRunOut(databaseUrl: string): Promise<void> {
  const base = await connect({ databaseUrl, dataDir: '' });
  await base.db
    .updateTable('delivery')
    .set({ lease_until: new Date() })
    .where('state', '=', 'queued')
    .execute();
  await base.close();
}

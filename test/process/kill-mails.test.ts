import t, { type Test } from 'tap';
import { connect } from '../../src/db.ts';
import { engines, freshUrl } from '../fixtures/db.ts';
import { adminToken, call, candor, dataDir, emptyDir, incident, until } from '../fixtures/process.ts';
import { smtpServer } from '../fixtures/smtp.ts';

for (const engine of engines) {
  t.test(`kill -9 while 300 mails go out: none lost, few twice (${engine})`, async (t) => {
    const kills = 3;
    const smtp = await smtpServer(t, { login: { user: 'sender', pass: 'SMTP-SECRET' }, delay: () => 15 });
    const databaseUrl = engine === 'postgres' ? await freshUrl(t) : null;
    const env = {
      ...(databaseUrl
        ? { DATABASE_URL: databaseUrl, DATA_DIR: emptyDir(t) }
        : { DATA_DIR: await dataDir(t) }),
      ADMIN_TOKEN: adminToken,
      SMTP_URL: smtp.url,
      NOTIFIER_CRON: '* * * * * *',
    };
    const people = Array.from({ length: 300 }, (_, n) => ({ email: `who-${n}@customers.example` }));
    let one = candor(t, env);
    let printed = '';
    const { id } = await call(await one.url, 'POST', '/issues', incident);
    await call(await one.url, 'POST', `/issues/${id}/reports`, people);
    await call(await one.url, 'POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
    for (let kill = 1; kill <= kills; kill++) {
      const enough = Math.min(60 * kill + Math.floor(Math.random() * 40), 280);
      await until(`${enough} mails came`, () => smtp.received.length >= enough);
      one.kill('SIGKILL');
      await one.ended;
      printed += one.printed();
      if (databaseUrl) await letLeasesRunOut(t, databaseUrl);
      one = candor(t, env);
      await one.url;
    }
    const url = await one.url;
    await until('nothing is queued', async () => {
      const { total, sent } = await call(url, 'GET', `/issues/${id}/notifications`);
      return total === 300 && sent === 300;
    });
    const byAddress = new Map<string, typeof smtp.received>();
    for (const mail of smtp.received) {
      byAddress.set(mail.to.join(), [...(byAddress.get(mail.to.join()) ?? []), mail]);
    }
    t.same([...byAddress.keys()].sort(), people.map(({ email }) => email).sort(), 'everyone was told');
    const twice = smtp.received.length - byAddress.size;
    t.ok(twice <= 5 * kills, `${twice} twice after ${kills} kills`);
    for (const mails of byAddress.values()) {
      t.equal(
        new Set(mails.map((mail) => mail.messageId)).size,
        1,
        'a mail that came twice is the same mail',
      );
    }
    one.kill('SIGTERM');
    t.match(await one.ended, { code: 0 });
    t.notMatch(
      printed + one.printed(),
      /customers\.example|SMTP-SECRET/,
      'no address and no password in the logs',
    );
  });
}

/** What the dead process held comes free a minute later; the test does not wait that long. */
async function letLeasesRunOut(t: Test, databaseUrl: string): Promise<void> {
  const base = await connect({ databaseUrl, dataDir: '' });
  const now = new Date();
  const { numUpdatedRows } = await base.db
    .updateTable('delivery')
    .set({ lease_until: now })
    .where('lease_until', '>', now)
    .executeTakeFirstOrThrow();
  t.ok(numUpdatedRows <= 125n, `${numUpdatedRows} were held`); // 5 under way, and those claimed ahead
  await base.close();
}

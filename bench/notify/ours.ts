import { readConfig } from '../../src/config.ts';
import { connect } from '../../src/db.ts';
import { linksFor } from '../../src/links.ts';
import { openMailer } from '../../src/mailer.ts';
import { startNotifier } from '../../src/notifications/notifier.ts';
import { outboxChannel } from '../../src/notifications/outbox.ts';
import { bounceAddressOf } from '../../src/notifications/verp.ts';

// A notifier and nothing else, as main.ts starts it, with a log that goes nowhere after it was written.
const [, , databaseUrl, port, connections] = process.argv;
const config = readConfig({ SMTP_URL: `smtp://127.0.0.1:${port}`, BASE_URL: 'https://status.example.org' });
const { db, listen } = await connect({ databaseUrl: databaseUrl!, dataDir: '' });
const concurrency = Number(connections);
const mailer = openMailer({ smtpUrl: config.smtpUrl, dataDir: '', from: config.mailFrom, concurrency });
const links = linksFor(Buffer.alloc(32, 1));
const log = (facts: object, message: string): void => {
  JSON.stringify({ ...facts, message });
};
const notifier = startNotifier({
  db,
  mailer,
  page: config,
  links,
  log: { info: log, warn: log, error: log },
  bounceTo: (id) => bounceAddressOf('status@status.example.org', links, id),
  concurrency,
});
await listen(outboxChannel, notifier.poke);
setInterval(notifier.poke, 5_000);
process.on('message', () => process.send!({ rss: process.memoryUsage.rss() }));
process.send!({ ready: true });
process.on('SIGTERM', () => process.exit(0));

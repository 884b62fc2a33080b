import { SMTPServer } from 'smtp-server';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { connect } from '../src/db.ts';
import { linksFor } from '../src/links.ts';
import { type Letter, openMailer } from '../src/mailer.ts';
import { startNotifier } from '../src/notifications/notifier.ts';
import { outboxChannel } from '../src/notifications/outbox.ts';
import { createToken, everyScope } from '../src/staff/tokens.ts';
import { startCluster } from '../test/fixtures/db.ts';
import type { Bench } from './run.ts';
import { printTable } from './table.ts';

const people = 10_000;
const token = 'candor_bench-token-bench';
const silent = { info() {}, warn() {}, error() {} };

export const bench: Bench = {
  about: `an issue with ${people.toLocaleString('en')} reporters resolved on PostgreSQL: the answer, the first mail, all mails`,
  run,
};

async function run(): Promise<boolean> {
  const sink = await openSink();
  const config = readConfig({ SMTP_URL: `smtp://127.0.0.1:${sink.port}` });
  const mailer = openMailer({ smtpUrl: config.smtpUrl, dataDir: '', from: config.mailFrom });
  console.error('sending the same number of mails with nothing but the mailer, as the limit …');
  const bare = await sendBare(mailer.send, sink);

  const cluster = await startCluster();
  const database = await connect({ databaseUrl: cluster.template, dataDir: '' });
  const links = linksFor(Buffer.alloc(32, 1));
  await createToken(database.db, { name: 'bench', scopes: everyScope, expiresAt: null, token }, new Date());
  const app = await buildApp({ config, database, links });
  const notifier = startNotifier({ db: database.db, mailer, page: config, links, log: silent });
  const deaf = await database.listen(outboxChannel, notifier.poke);
  const post = async (path: string, payload: object) =>
    (
      await app.inject({
        method: 'POST',
        url: `/api/v1${path}`,
        headers: { authorization: `Bearer ${token}` },
        payload,
      })
    ).json();

  console.error(`adding ${people} reporters, resolving, and mailing them …`);
  const { id } = await post('/issues', { title: 'Export is empty', kind: 'bug', message: 'We know.' });
  const entries = Array.from({ length: people }, (_, n) => ({ email: `p${n}@d${n % 50}.example` }));
  const bulk = await timed(() => post(`/issues/${id}/reports`, entries));
  sink.reset(people);
  const resolve = await timed(() => post(`/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' }));
  const answeredAt = performance.now();
  await sink.all;
  const first = Math.max(0, sink.firstAt - answeredAt);
  const all = performance.now() - answeredAt;

  await deaf();
  await notifier.stop(1_000);
  mailer.close();
  await app.close();
  await database.close();
  await cluster.stop();
  sink.close();

  const rows: [string, number, number, string][] = [
    [`add ${people} reporters in one call`, bulk, 5_000, 'ms'],
    ['resolve answers', resolve, 2_000, 'ms'],
    ['the first mail leaves after that', first, 1_000, 'ms'],
  ];
  printTable(
    ['what', 'measured', 'limit', 'ratio'],
    [
      ...rows.map(([what, ms, limit, unit]) => [
        what,
        `${ms.toFixed(0)} ${unit}`,
        `${limit} ${unit}`,
        (ms / limit).toFixed(2),
      ]),
      [
        'all mails (limit: the mailer alone, same pool, same sink)',
        perSecond(all),
        perSecond(bare),
        (all / bare).toFixed(2),
      ],
    ],
  );
  return rows.every(([, ms, limit]) => ms <= limit);
}

async function sendBare(send: (letter: Letter) => Promise<void>, sink: Sink): Promise<number> {
  sink.reset(people);
  const started = performance.now();
  let next = 0;
  const slots = Array.from({ length: 5 }, async () => {
    while (next < people) await send(letter(next++));
  });
  await Promise.all(slots);
  return performance.now() - started;
}

function letter(n: number): Letter {
  return {
    messageId: `<bare-${n}@localhost>`,
    date: new Date(),
    to: `p${n}@d${n % 50}.example`,
    replyTo: null,
    subject: 'Fixed: Export is empty',
    text: 'It is fixed now. '.repeat(50),
    html: `<p>${'It is fixed now. '.repeat(120)}</p>`,
    headers: {},
    thread: null,
  };
}

interface Sink {
  port: number;
  all: Promise<void>;
  firstAt: number;
  reset(expected: number): void;
  close(): void;
}

/** A mail server that takes everything and keeps nothing. */
async function openSink(): Promise<Sink> {
  let left = 0;
  let done = () => {};
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, callback) {
      stream.resume().on('end', () => {
        if (sink.firstAt === 0) sink.firstAt = performance.now();
        if (--left === 0) done();
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sink: Sink = {
    port: (server.server.address() as { port: number }).port,
    all: Promise.resolve(),
    firstAt: 0,
    reset(expected) {
      left = expected;
      sink.firstAt = 0;
      sink.all = new Promise((resolve) => {
        done = resolve;
      });
    },
    close: () => server.close(),
  };
  return sink;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function perSecond(ms: number): string {
  return `${((people / ms) * 1_000).toFixed(0)}/s`;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { connect, type Db } from './db.ts';
import { openFrontDoor } from './front-door.ts';
import { loadLinks } from './links.ts';
import { openLog } from './log.ts';
import { sayLosses } from './losses.ts';
import { openMailer } from './mailer.ts';
import { migrate } from './migrate.ts';
import { startHooks } from './notifications/channels/hooks.ts';
import { readHold } from './notifications/hold.ts';
import { startNotifier } from './notifications/notifier.ts';
import { outboxChannel } from './notifications/outbox.ts';
import { bounceAddressOf } from './notifications/verp.ts';
import { openPageCache } from './page-cache/door.ts';
import { reachDatabase } from './reach-database.ts';
import { checkCron, startSchedule } from './schedule.ts';
import { setMailHost } from './settings.ts';
import { makeFirstLink } from './staff/join.ts';
import { bootstrapToken } from './staff/tokens.ts';

const graceMs = 8_000;
const plainSender =
  'the mail server takes no signed envelope sender, so mails go out with the plain one; set BOUNCE_ADDRESS to off, or to an address that it takes';

/**
 * The process: config → database → app → schedule → listen → stop with grace on SIGTERM or SIGINT.
 * Resolves when it listens; throws CannotStart with one line for the operator.
 */
export async function start(config: Config): Promise<void> {
  checkCron(config.notifierCron);
  if (!config.notifier) staySmall();
  const log = openLog(config.logLevel);
  // Of the web framework we want its complaints, not its chatter.
  const webLog = log.child({}, { level: log.isLevelEnabled('warn') ? 'warn' : log.level });
  const losses = sayLosses(log);
  const onError = (error: unknown) => log.error({ err: error }, 'something failed in the background');
  const pages = openPageCache({
    folder: config.databaseUrl === null ? null : join(config.dataDir, 'pages'),
    onTrouble: onError,
  });
  const door = openFrontDoor(pages.answer);
  const closers: (() => unknown)[] = [() => door.close(), () => pages.close()];
  const stopped = stopOnSignal(() => closeAll(closers), log);
  const awake = stayAwake();
  try {
    const waiting = { config, door, pages, log: webLog, stopped };
    const { database, links, made } = await reachDatabase(waiting, openDatabase);
    const { db } = database;
    closers.push(() => database.close());
    if (made) announceToken(made, config);
    const app = await buildApp({ config, database, links, log: webLog, door, pages });
    await app.ready();
    pages.makeWith(app.routing);
    closers.splice(2, 0, () => app.close());
    const poke = config.notifier ? await startSending() : null;
    await pages.follow(database);
    const address = door.isOpen() ? door.address() : await door.listen(config);
    const first = await makeFirstLink(db, links, new Date());
    if (first) announceFirstLink(first, config);
    announce(`listening on ${address} (the page: ${config.baseUrl})`);
    pages.warm();
    poke?.();
    closers.splice(1, 0, startSchedule({ database, notifierCron: config.notifierCron, poke, onError }));

    async function openDatabase() {
      if (isNew(config)) announce('making a database; this first time it takes some seconds');
      const opened = await connect({
        databaseUrl: config.databaseUrl,
        dataDir: config.dataDir,
        onLost: losses.lost,
        onConnected: losses.back,
      });
      try {
        return { database: opened, ...(await prepare(opened.db)) };
      } catch (error) {
        await opened.close();
        throw error;
      }
    }

    async function prepare(db: Db) {
      await door.tryAddress(config); // before the database is another version's
      const applied = await migrate(db);
      if (applied.length > 0) log.info({ applied }, 'the database was migrated');
      const held = await readHold(db);
      if (held)
        log.warn(
          `no mail goes out since ${held.since.toISOString()}: ${held.reason}. Look at what waits, then \`candor sending resume\`, or the button at the top of the desk`,
        );
      await setMailHost(db, new URL(config.baseUrl).hostname);
      const links = await loadLinks(db);
      return { links, made: await bootstrapToken(db, config, new Date()) };
    }

    async function startSending(): Promise<() => void> {
      const mailer = openMailer({
        smtpUrl: config.smtpUrl,
        dataDir: config.dataDir,
        from: config.mailFrom,
        onPlainSender: (said) => log.warn({ said }, plainSender),
      });
      const bounceTo = (id: string) =>
        config.bounceAddress && bounceAddressOf(config.bounceAddress, links, id);
      if (mailer.kind === 'files') log.warn(mailer.where);
      else log.info(mailer.where);
      const releaseLeasesAtStart = database.engine === 'embedded';
      const notifier = startNotifier({
        db,
        mailer,
        page: config,
        links,
        log,
        bounceTo,
        releaseLeasesAtStart,
      });
      const hooks = startHooks({ db, page: config, links, log, releaseLeasesAtStart });
      const pokeBoth = () => {
        notifier.poke();
        hooks.poke();
      };
      closers.unshift(
        await database.listen(outboxChannel, pokeBoth),
        () => Promise.all([notifier.stop(graceMs - 2_000), hooks.stop(graceMs - 2_000)]),
        () => mailer.close(),
      );
      return pokeBoth;
    }

    function announce(line: string): void {
      if (log.isLevelEnabled('info')) log.info(line);
      else console.log(line);
    }
  } catch (error) {
    for (const close of closers) await Promise.resolve(close()).catch(() => {});
    if (stopped.aborted) return;
    throw error;
  } finally {
    clearInterval(awake);
  }
}

/**
 * Where nothing but pages is served, memory is worth more than a little of the processor's time: left to itself the heap
 * grows to twice and four times what is alive in it before it is looked through.
 */
function staySmall(): void {
  setFlagsFromString('--heap-growing-percent=10');
}

/**
 * As long as nothing else holds Node's loop open. Otherwise Node, each time it would wait for something, waits first until V8
 * has done all that it does in the background: 0.2 s of a start with the embedded database.
 */
function stayAwake(): NodeJS.Timeout {
  return setInterval(() => {}, 60_000);
}

/** The embedded database is made with the first start. */
function isNew({ databaseUrl, dataDir }: Config): boolean {
  return databaseUrl === null && !existsSync(join(dataDir, 'db'));
}

async function closeAll(closers: (() => unknown)[]): Promise<void> {
  for (const close of closers) await close();
}

/** The answer aborts once a signal has come. */
function stopOnSignal(stop: () => Promise<void>, log: ReturnType<typeof openLog>): AbortSignal {
  const stopping = new AbortController();
  let stoppingSince: number | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    // npm passes on a signal that the terminal has sent us already: only a later one is impatience.
    if (stoppingSince !== null && performance.now() - stoppingSince > 1_500) process.exit(1);
    if (stoppingSince !== null) return;
    stoppingSince = performance.now();
    stopping.abort();
    log.info(`${signal}: finishing what has begun, then stopping`);
    setTimeout(() => process.exit(0), graceMs + 1_000).unref();
    stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'the stop did not go cleanly');
        process.exit(0);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stopping.signal;
}

/** Said once, on the terminal and not in the log, which others may read. */
function announceToken({ token, path }: { token: string; path: string }, { baseUrl }: Config): void {
  console.error(
    [
      '',
      'First start: this is your API token. It is shown once and kept in',
      `  ${path}`,
      `  ${token}`,
      `Try it: curl -H "Authorization: Bearer $(cat ${path})" ${baseUrl}/api/v1/issues`,
      '',
    ].join('\n'),
  );
}

/** The same for the link behind which the first owner chooses a password. */
function announceFirstLink(token: string, { baseUrl }: Config): void {
  console.error(
    [
      '',
      'Nobody can sign in to the desk yet. Whoever opens this link becomes its first owner.',
      'It works for seven days, until one is there. Each start prints another until then; any of them will do:',
      `  ${baseUrl}/admin/join/${token}`,
      '',
    ].join('\n'),
  );
}

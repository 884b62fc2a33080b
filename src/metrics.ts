import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Db } from './db.ts';
import { kinds } from './domain/lifecycle.ts';
import { deliveryStates, subscriberStates } from './domain/words.ts';
import { type Channel, type Ended, keep, readEnded, readStanding, type Standing } from './metrics-now.ts';
import { type QueryTiming, queryTimings, type RenderTiming, renderTimings } from './timings.ts';

const channels: Channel[] = ['mail', 'webhook'];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** How often public pages were answered and made; what keeps them counts. */
export interface PageCounts {
  ready: number;
  unchanged: number;
  old: number;
  made: number;
}

export interface Measured {
  db: Db;
  now: () => Date;
  /** What was answered before it came to the app, counted elsewhere. */
  pages?: PageCounts;
}

/**
 * Measures everything this app does from here on, and tells it at /metrics as Prometheus reads it: figures alone, so
 * it is open to everybody like the page itself (whoever minds closes the path at the proxy). However often it is
 * asked, the database is asked once in ten seconds; while that is away it answers with what is known.
 */
export function measure(app: FastifyInstance, { db, now, pages }: Measured): void {
  const registry = new Registry();
  if (pages) watchPages(pages, registry);
  const show = gauges(registry, now);
  const standing = keep(
    (at) => readStanding(db, at),
    () => 10_000,
    now,
  );
  // One hundredth of the time at most goes into counting what has ended, if that is a million.
  const ended = keep(
    () => readEnded(db),
    (tookMs) => Math.max(60_000, tookMs * 100),
    now,
  );
  watchRequests(app, registry);
  watchWork(app, registry);
  let first = true;
  app.get('/metrics', async (_, reply) => {
    if (first) collectDefaultMetrics({ register: registry });
    first = false;
    const [stands, ends] = await Promise.all([standing(), ended()]);
    show(stands, ends.value);
    return reply
      .header('cache-control', 'no-store')
      .type(registry.contentType)
      .send(await registry.metrics());
  });
}

function gauges(registry: Registry, now: () => Date) {
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) => {
    const made = new Gauge({ name: `candor_${name}`, help, labelNames, registers: [registry] });
    if (labelNames.length === 0) made.remove(); // a gauge begins with 0, which nobody has read yet
    return made;
  };
  const up = gauge('database_up', 'Whether the database answered the last question.');
  const counted = gauge('counted_timestamp_seconds', 'When the figures from the database were read.');
  const deliveries = gauge('deliveries', 'Messages by how they stand.', ['state', 'channel']);
  const waits = gauge('delivery_wait_seconds', 'How long the message that waits longest has been due.', [
    'channel',
  ]);
  const paused = gauge('sending_paused', '1 while the mail server refuses us; ends by itself.');
  const held = gauge('sending_held', '1 while mail waits for a person: a backup was brought back.');
  const overdue = gauge('promises_overdue', 'Open issues whose promised next update is late.');
  const reports = gauge('reports_waiting', 'Reports that nobody has handled.');
  const oldest = gauge('reports_wait_seconds', 'How long the report that waits longest has waited.');
  const drafts = gauge('drafts_waiting', 'Alarms of monitors that nobody has looked at.');
  const issues = gauge('issues_open', 'Open issues.', ['kind']);
  const subscribers = gauge('subscribers', 'Subscribers by how they stand.', ['state']);

  return (
    stands: { value: Standing | null; at: Date | null; answered: boolean },
    ends: Ended[] | null,
  ): void => {
    up.set(stands.answered ? 1 : 0);
    const since = (time: Date | null) => (time ? Math.max(0, now().getTime() - time.getTime()) / 1_000 : 0);
    const { value: all, at } = stands;
    if (!all) return;
    counted.set((at ?? now()).getTime() / 1_000);
    for (const channel of channels) {
      deliveries.set({ state: 'queued', channel }, all.queued[channel]);
      deliveries.set({ state: 'failed', channel }, all.failed[channel]);
      waits.set({ channel }, since(all.due[channel]));
      for (const state of ends ? deliveryStates : []) {
        if (state === 'queued' || state === 'failed') continue;
        const one = ends?.find((row) => row.state === state && row.channel === channel);
        deliveries.set({ state, channel }, one?.count ?? 0);
      }
    }
    paused.set(all.paused ? 1 : 0);
    held.set(all.held ? 1 : 0);
    overdue.set(all.overdue);
    reports.set(all.reports);
    oldest.set(since(all.oldestReport));
    drafts.set(all.drafts);
    for (const kind of kinds) issues.set({ kind }, all.issues[kind] ?? 0);
    for (const state of subscriberStates) subscribers.set({ state }, all.subscribers[state] ?? 0);
  };
}

/** Public pages are answered before any route is looked for; the app is asked only to make them. */
function watchPages(counts: PageCounts, registry: Registry): void {
  const count = (name: string, help: string, of: keyof PageCounts) =>
    new Counter({
      name: `candor_pages_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(counts[of]);
      },
    });
  count('answered', 'Requests for public pages that were answered from memory.', 'ready');
  count('unchanged', 'Of those, answered with 304: the reader had it already.', 'unchanged');
  count('old', 'Of those, answered with what we knew last, since the database is away.', 'old');
  count('made', 'Public pages made, because something had changed.', 'made');
}

/** By the pattern of the route: an address itself carries tokens and what people search for. */
function watchRequests(app: FastifyInstance, registry: Registry): void {
  const requests = new Counter({
    name: 'candor_http_requests_total',
    help: 'Requests answered by a route; public pages that were ready are in candor_pages_answered_total.',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'candor_http_request_seconds',
    help: 'How long requests took.',
    labelNames: ['route', 'method'],
    buckets: [0.01, 0.05, 0.2, 1, 5],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const method = methods.includes(request.method) ? request.method : 'other';
    requests.inc({ route, method, status: `${Math.floor(reply.statusCode / 100)}xx` });
    seconds.observe({ route, method }, reply.elapsedTime / 1_000);
  });
}

function watchWork(app: FastifyInstance, registry: Registry): void {
  const renders = new Histogram({
    name: 'candor_render_seconds',
    help: 'How long views took to become HTML or a mail.',
    labelNames: ['view'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5],
    registers: [registry],
  });
  const queries = new Histogram({
    name: 'candor_query_seconds',
    help: 'How long the database took.',
    labelNames: ['statement'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  const onRender = (event: unknown) => {
    const { view, seconds } = event as RenderTiming;
    renders.observe({ view }, seconds);
  };
  const onQuery = (event: unknown) => {
    const { statement, seconds } = event as QueryTiming;
    queries.observe({ statement }, seconds);
  };
  renderTimings.subscribe(onRender);
  queryTimings.subscribe(onQuery);
  app.addHook('onClose', async () => {
    renderTimings.unsubscribe(onRender);
    queryTimings.unsubscribe(onQuery);
  });
}

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import type { Database, Db } from '../../src/db.ts';
import { fillDemo } from '../../src/demo/sample.ts';
import { noHash } from '../../src/domain/ledger.ts';
import { postUpdate } from '../../src/issues/post-update.ts';
import { hashOf } from '../../src/ledger/chain.ts';
import { readEntries } from '../../src/ledger/entries.ts';
import { sealLedger } from '../../src/ledger/seal.ts';
import { reportOf } from '../../src/verify/report.ts';
import { splitLines } from '../../src/verify/split-lines.ts';
import { verify } from '../../src/verify/verify.ts';
import { openApp } from '../fixtures/app.ts';
import { freshDatabase, onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { root } from '../fixtures/process.ts';
import { at, behindOurBack, sayALittleOfEverything } from '../fixtures/said.ts';

type Entry = Record<string, unknown> & { seq: number; hash: string };
const now = at(120);

onBoth(t, 'a ledger that was rewritten whole is found by whoever kept a hash of it', async (t, base) => {
  const { db } = base;
  const said = await sayALittleOfEverything(db);
  const what = await listening(t, base);
  const look = (since: string | null = null) => verify({ what, since, now });
  const before = await entriesOf(db);
  const head = before.at(-1)!.hash;
  const clean = await look(head.slice(0, 16));
  t.match(clean, {
    findings: [],
    since: { seq: before.length, said: [] },
    compared: { issues: 5, components: 2 },
  });

  await post(db, said.publish, 'A fix is in.');
  t.match((await look(head.slice(0, 12))).since?.said, [/“The publish button does nothing”: A fix is in/]);

  const other = 'We never had a cause.';
  const cause = 'We have found a cause.';
  await behindOurBack(t, db, sql`update issue_update set message = ${other} where message = ${cause}`);
  await behindOurBack(
    t,
    db,
    sql`update ledger set body = jsonb_set(body, '{message}', to_jsonb(${other}::text)) where body ->> 'message' = ${cause}`,
  );
  t.match((await look()).findings, [{ where: 'chain', says: /was changed after it was written/ }]);
  await sealedAnew(t, db);
  t.same(
    (await look()).findings,
    [],
    'page and ledger agree again: what finds it is a hash that somebody kept',
  );
  t.match((await look(head.slice(0, 16))).findings, [{ where: 'since', says: /No entry has the hash/ }]);
  t.match(
    (await look(before[2]!.hash)).findings,
    [],
    'and one from before what was rewritten is still there',
  );

  await behindOurBack(t, db, sql`delete from ledger where seq = (select max(seq) from ledger)`);
  const cut = (await look()).findings;
  t.ok(cut.length > 0, 'a tail that was cut off: the page says more than the ledger');
  t.ok(cut.every(({ id, where }) => where === 'page' && id === said.publish));
});

onBoth(t, 'the demo is told in the order of time, and nothing about it is odd', async (t, base) => {
  await fillDemo(base.db, now);
  const what = await listening(t, base);
  t.match(await verify({ what, since: null, now }), { findings: [], remarks: [] });
  const times = (await entriesOf(base.db)).map(({ at: time }) => time as string);
  t.ok(times.length > 20);
  t.same(times, times.toSorted());
});

onBoth(t, 'an entry put in between is found, even with all hashes made anew', async (t, base) => {
  const { db } = base;
  const said = await sayALittleOfEverything(db);
  const what = await listening(t, base);
  await behindOurBack(t, db, sql`update ledger set seq = seq + 1000000 where seq > 6`);
  await behindOurBack(t, db, sql`update ledger set seq = seq - 999999 where seq > 1000000`);
  const t7 = { at: at(11), hash: 'f'.repeat(64) };
  const forged = {
    update_id: 'forged000000',
    status: 'identified',
    message: 'Forged',
    next_update_at: at(600),
  };
  const body = JSON.stringify({ ...forged, resolution: null, fixed_for: null });
  await behindOurBack(
    t,
    db,
    sql`insert into ledger (at, type, issue_id, body, seq, prev, hash)
      values (${t7.at}, 'update_posted', ${said.publish}, ${body}::jsonb, 7, ${noHash}, ${t7.hash})`,
  );
  await sealedAnew(t, db);
  const { findings } = await verify({ what, since: null, now });
  t.match(findings, [
    { id: said.publish, field: 'updates.forged000000', says: /the ledger has the update of/ },
  ]);
});

onBoth(t, 'erasing a person leaves the ledger whole, and its head where it was', async (t, base) => {
  const { db } = base;
  await sayALittleOfEverything(db);
  const owner = await openDesk(t, base, { role: 'owner' });
  owner.clock.now = at(110);
  const what = await owner.app.listen({ port: 0, host: '127.0.0.1' });
  const before = await entriesOf(db);
  for (const name of ['ann', 'bob', 'cleo', 'dora'])
    t.equal(
      (await owner.post('/admin/erase', { email: `${name}@customers.example`, do: 'erase' })).status,
      303,
    );
  const { findings, since } = await verify({ what, since: before.at(-1)!.hash, now });
  t.same(findings, []);
  t.ok(since!.said.length > 0, 'that fewer are counted is stated');
  const after = await entriesOf(db);
  t.same(after.slice(0, before.length), before, 'no entry of before was touched');
  t.notMatch(JSON.stringify(after), /customers\.example|\bann\b/i, 'and nobody ever stood in it');
});

onBoth(t, 'what is said while somebody verifies is no false alarm', async (t, base) => {
  const { db } = base;
  const said = await sayALittleOfEverything(db);
  const what = await listening(t, base);
  let asked = 0;
  const proxy = await answering(t, async (path, answer) => {
    if (path.startsWith('/ledger/now') && ++asked <= 3) await post(db, said.publish, `News ${asked}.`);
    const given = await fetch(what + path);
    answer.writeHead(given.status).end(await given.text());
  });
  const verdict = await verify({ what: proxy, since: null, now });
  t.same(verdict.findings, []);
  t.equal(asked, 4, 'what was said of meanwhile was asked for again, until nothing was said in between');
  t.same([...verdict.remarks], []);
});

t.test('what is no ledger, or does not answer, could not be checked, in plain words', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  await sayALittleOfEverything(base.db);
  const real = await listening(t, base);
  const answers: Record<string, (answer: ServerResponse, path: string) => unknown> = {
    none: (answer) => answer.writeHead(404).end(),
    html: (answer) => answer.end('<!doctype html>'),
    away: (answer) => answer.writeHead(302, { location: 'http://localhost:9/ledger.jsonl' }).end(),
    circle: (answer, path) => answer.writeHead(302, { location: path }).end(),
    bytes: (answer) => answer.end(Buffer.from([0xff, 0xfe, 0x0a])),
    cut: async (answer, path) => {
      const text = await (await fetch(real + path)).text();
      answer.end(path.includes('now') ? text.slice(0, text.lastIndexOf('{')) : text);
    },
    moved: (answer, path) => answer.writeHead(308, { location: path.replace('/moved/', '/whole/') }).end(),
    whole: async (answer, path) => answer.end(await (await fetch(real + path)).text()),
  };
  const url = await answering(t, async (path, answer) => {
    const [, which = ''] = path.split('/');
    await answers[which]!(
      answer,
      which === 'circle' || which === 'moved' ? path : path.replace(`/${which}`, ''),
    );
  });
  const check = (what: string, since: string | null = null) => verify({ what, since, now });
  await t.rejects(check(`${url}/none`), /answers 404: there is no ledger there/);
  await t.rejects(check(`${url}/html`), /this is no ledger/);
  await t.rejects(check(`${url}/away`), /sends us on to localhost:9/);
  await t.rejects(check(`${url}/circle`), /in a circle/);
  await t.rejects(check(`${url}/bytes`), /no text in UTF-8/);
  await t.rejects(check(`${url}/cut`), /broke off before its end/);
  await t.rejects(check('http://127.0.0.1:9'), /does not answer/);
  await t.rejects(check('ftp://example.com'), /no address of a page/);
  await t.rejects(check('no-such-file'), /there is no file .* write its address with https/);
  await t.rejects(check(`${url}/whole`, 'xyz'), /--since takes the hash/);
  t.same((await check(`${url}/moved`)).findings, [], 'to another path of the same host we go along');
  t.same((await check(`${url}/whole/ledger.jsonl`)).findings, [], 'the address of the ledger itself will do');
  const lines = splitLines(
    (async function* () {
      yield Buffer.from('a'.repeat(20));
    })(),
    { line: 10, whole: 100 },
  );
  await t.rejects(lines.next(), /a line of more than/);
});

t.test('the addresses of the ledger take what they can and refuse the rest', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const said = await sayALittleOfEverything(base.db);
  const { app } = await openApp(t, base);
  const whole = await app.inject('/ledger.jsonl');
  t.match(whole.headers, { 'access-control-allow-origin': '*', etag: /^W\/"/ });
  const again = {
    method: 'GET' as const,
    url: '/ledger.jsonl',
    headers: { 'if-none-match': `${whole.headers.etag}` },
  };
  t.equal((await app.inject(again)).statusCode, 304);
  await post(base.db, said.publish, 'More.');
  t.equal((await app.inject(again)).statusCode, 200);
  const all = linesOf((await app.inject('/ledger.jsonl')).body);
  t.same(linesOf((await app.inject('/ledger.jsonl?after=3')).body), all.slice(3));
  t.equal((await app.inject('/ledger.jsonl?after=99999')).body, '');
  for (const bad of ['after=-1', 'after=x', 'after=1&after=2']) {
    const refused = await app.inject(`/ledger.jsonl?${bad}`);
    t.match([refused.statusCode, refused.json().errors], [400, [{ path: 'after' }]]);
  }
  const one = linesOf((await app.inject(`/ledger/now.jsonl?issue=${said.cards}`)).body);
  t.match(one, [
    { type: 'head', seq: all.length },
    { type: 'issue', issue_id: said.cards, title: 'Nobody can pay by card' },
    { type: 'counts', issue_id: said.cards, people: 4, works: 1, works_not: 1 },
    { type: 'end', issues: 1, components: 0 },
  ]);
  t.equal((await app.inject('/ledger/now.jsonl?issue=..')).statusCode, 400);
  const shown = await app.inject(`/ledger?issue=${said.publish}`);
  t.match(shown.body, /We have found a cause\./);
  t.match(shown.body, new RegExp(`href="/issues/${said.publish}"`));
  t.match(shown.body, />What we said of “The publish button does nothing”</);
  t.equal((await app.inject('/ledger?issue=nothing00000')).statusCode, 404);
  await leavesThrough(t, app, { all: all.length, issue: said.publish });
});

/** All entries stand on the pages, each once, from the newest to the first. */
async function leavesThrough(t: Test, app: FastifyInstance, of: { all: number; issue: string }) {
  const seen: number[] = [];
  for (let url: string | undefined = '/ledger'; url !== undefined; ) {
    const { body }: { body: string } = await app.inject(url);
    seen.push(...[...body.matchAll(/ · entry (\d+) · /g)].map(([, seq]) => Number(seq)));
    url = /rel="next" href="([^"]+)"/.exec(body)?.[1];
  }
  t.same(
    seen,
    Array.from({ length: of.all }, (_, n) => of.all - n),
  );
  const before = seen.find((seq) => seq < of.all / 2)!;
  const { body } = await app.inject(`/ledger?issue=${of.issue}&before=${before}`);
  t.match(body, `>Before entry ${before}<`);
  t.match(body, `href="/ledger?issue=${of.issue}">The newest<`);
  t.notMatch(body, 'Check it yourself');
  t.match((await app.inject('/ledger?before=1')).body, '>Nothing.<');
  for (const bad of ['before=-1', 'before=x', 'before=1&before=2', 'issue=nothing00000&before=5'])
    t.match((await app.inject(`/ledger?${bad}`)).statusCode, bad.startsWith('issue') ? 404 : 400);
}

t.test('the command says what it found, to people and to programs, and ends accordingly', async (t) => {
  const { db } = await freshDatabase(t, 'embedded');
  await sayALittleOfEverything(db);
  const entries = await entriesOf(db);
  const head = entries.at(-1)!.hash;
  const folder = mkdtempSync(join(tmpdir(), 'candor-verify-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const fileOf = (name: string, all: readonly object[]) => {
    writeFileSync(join(folder, name), all.map((one) => `${JSON.stringify(one)}\n`).join(''));
    return join(folder, name);
  };
  const whole = fileOf('whole.jsonl', entries);
  const evil = '\u001b[2J\u202eevil';
  const changed = entries.map((one) => (one.seq === 5 ? { ...one, message: evil, type: `x${evil}` } : one));
  const [ok, tampered, lost, nothing] = await Promise.all([
    command([whole, '--since', head.slice(0, 12)]),
    command([fileOf('changed.jsonl', changed)]),
    command(['--json', whole, '--since', 'f'.repeat(64)]),
    command([join(folder, 'none.jsonl')]),
  ]);
  t.equal(ok.code, 0, ok.stderr);
  t.match(ok.stdout, new RegExp(`${entries.length} entries, from 21 Nov 2026`));
  t.match(ok.stdout, /Still there: entry \d+ .* Nothing was said since\./);
  t.match(ok.stdout, `Keep this: ${head}`);
  t.equal(tampered.code, 1);
  t.match(tampered.stdout, /✗ Entry 5 was changed after it was written/);
  t.notMatch(tampered.stdout, /[\u001b\u202e]/, 'and what is read cannot speak to the terminal');
  t.notMatch(tampered.stdout, /Keep this/);
  t.equal(lost.code, 1);
  t.match(JSON.parse(lost.stdout), { ok: false, entries: entries.length, findings: [{ where: 'since' }] });
  t.equal(nothing.code, 2);
  t.match(nothing.stderr, /^candor: could not check: there is no file/);
});

t.test('a report shows where two long texts differ, and not all of them', async (t) => {
  const long = 'We are sorry. '.repeat(60);
  const finding = { where: 'page' as const, says: 'Here.', ledger: `${long}Ours.`, page: `${long}Yours.` };
  const text = reportOf({
    name: 'x',
    findings: [finding],
    remarks: [],
    entries: 1,
    firstAt: null,
    lastAt: null,
    head: { seq: 1, hash: noHash },
    since: null,
    compared: null,
  });
  t.match(text, /the ledger says: ….*Ours\./);
  t.match(text, /the page says: {3}….*Yours\./);
  t.ok(text.length < 1_000);
});

async function listening(t: Test, base: Database): Promise<string> {
  const { app } = await openApp(t, base);
  return app.listen({ port: 0, host: '127.0.0.1' });
}

/** A server of somebody else's. */
async function answering(
  t: Test,
  answer: (path: string, to: ServerResponse) => Promise<void>,
): Promise<string> {
  const server = createServer((request, response) => void answer(request.url!, response));
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function post(db: Db, id: string, message: string) {
  return db.transaction().execute((trx) => postUpdate(trx, id, { status: 'monitoring', message }, at(110)));
}

async function entriesOf(db: Db): Promise<Entry[]> {
  await sealLedger(db);
  return (await readEntries(db, 0, 10_000)) as Entry[];
}

/** Makes all hashes anew, as somebody would who knows how. */
async function sealedAnew(t: Test, db: Db): Promise<void> {
  let prev = noHash;
  for (const entry of await entriesOf(db)) {
    const hash = hashOf({ ...entry, prev });
    await behindOurBack(
      t,
      db,
      sql`update ledger set prev = ${prev}, hash = ${hash} where seq = ${entry.seq}`,
    );
    prev = hash;
  }
}

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function command(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { PATH, HOME } = process.env;
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      ['--import=tsx', join(root, 'src/cli.ts'), 'verify', ...args],
      { cwd: root, env: { PATH, HOME } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    ),
  );
}

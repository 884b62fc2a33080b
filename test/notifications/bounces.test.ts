import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readConfig } from '../../src/config.ts';
import type { Database, Db } from '../../src/db.ts';
import { weightOf } from '../../src/domain/bounce.ts';
import { openMailer } from '../../src/mailer.ts';
import { bounceAddressOf, bounceTagsIn } from '../../src/notifications/verp.ts';
import { links, openApp, token } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { anIssue, deliveries, notify, owe, reportsOf, resolve, until } from '../fixtures/outbox.ts';
import { smtpServer } from '../fixtures/smtp.ts';
import { textOf } from '../fixtures/text.ts';

interface Facts {
  /** Where the report goes: the envelope sender of the mail that came back. */
  to: string;
  messageId: string;
  recipient: string;
  status?: string;
  action?: string;
}

/** Delivery reports as these servers write them; names and numbers are changed, the form is theirs. */
const servers = {
  postfix: ({ to, messageId, recipient, status = '5.1.1', action = 'failed' }: Facts) => `Return-Path: <>
Delivered-To: ${to}
Received: by mail.example.net (Postfix)\tid 4XyZ1a2b3c; Sat, 21 Nov 2026 12:00:05 +0000 (UTC)
Date: Sat, 21 Nov 2026 12:00:05 +0000 (UTC)
From: MAILER-DAEMON@mail.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: ${to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4XyZ1a2b3c.1795262405/mail.example.net"
Content-Transfer-Encoding: 8bit
Message-Id: <4XyZ1a2b3d@mail.example.net>

This is a MIME-encapsulated message.

--4XyZ1a2b3c.1795262405/mail.example.net
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

This is the mail system at host mail.example.net.

<${recipient}>: host mx.example.com[192.0.2.7] said: 550 5.1.1 <${recipient}>:
    Recipient address rejected: User unknown (in reply to RCPT TO command)

--4XyZ1a2b3c.1795262405/mail.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.net
X-Postfix-Queue-ID: 4XyZ1a2b3c
X-Postfix-Sender: rfc822; ${to}
Arrival-Date: Sat, 21 Nov 2026 12:00:04 +0000 (UTC)

Final-Recipient: rfc822; ${recipient}
Original-Recipient: rfc822;${recipient}
Action: ${action}
Status: ${status}
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 ${status} <${recipient}>: Recipient address rejected:
    User unknown in virtual mailbox table

--4XyZ1a2b3c.1795262405/mail.example.net
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 8bit

Return-Path: <${to}>
From: Example Status <status@example.org>
To: ${recipient}
Subject: It is over
Message-ID: ${messageId}

--4XyZ1a2b3c.1795262405/mail.example.net--
`,
  exim: ({ to, messageId, recipient, status = '5.0.0', action = 'failed' }: Facts) => `Return-path: <>
Envelope-to: ${to}
Received: from Debian-exim by mail.example.net with local (Exim 4.96) id 1tE0aB-000abc-1X
X-Failed-Recipients: ${recipient}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.example.net>
To: ${to}
References: ${messageId}
Content-Type: multipart/report; report-type=delivery-status; boundary=1795262405-eximdsn-42
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1tE0aB-000abd-2X@mail.example.net>

--1795262405-eximdsn-42
Content-type: text/plain; charset=us-ascii

A message that you sent could not be delivered to one or more of its recipients.

--1795262405-eximdsn-42
Content-type: message/delivery-status

Reporting-MTA: dns; mail.example.net

Action: ${action}
Final-Recipient: rfc822;${recipient}
Status: ${status}
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 5.1.1 The email account that you tried to reach does not exist.

--1795262405-eximdsn-42
Content-type: message/rfc822

Return-path: <${to}>
From: Example Status <status@example.org>
To: ${recipient}
Message-ID: ${messageId}
Subject: It is over

It is over.

--1795262405-eximdsn-42--
`,
  exchange: ({
    to,
    messageId,
    recipient,
    status = '5.1.10',
    action = 'failed',
  }: Facts) => `From: <postmaster@outlook.example>
To: <${to}>
Date: Sat, 21 Nov 2026 12:00:05 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="8a1f-4b2c-9d3e"
Content-Language: en-US
Message-ID: <8a1f4b2c@DB1PR01.outlook.example>
In-Reply-To: ${messageId}
References: ${messageId}
Subject: Undeliverable: It is over
Auto-Submitted: auto-replied
MIME-Version: 1.0

--8a1f-4b2c-9d3e
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset="us-ascii"

Your message to ${recipient} couldn't be delivered.
--inner
Content-Type: text/html; charset="us-ascii"

<html><body><p>Your message couldn't be delivered.</p></body></html>
--inner--

--8a1f-4b2c-9d3e
Content-Type: message/delivery-status

Reporting-MTA: dns;DB1PR01.outlook.example
Received-From-MTA: dns;mail.example.net
Arrival-Date: Sat, 21 Nov 2026 12:00:04 +0000

Final-Recipient: rfc822;${recipient.toUpperCase()}
Action: ${action}
Status: ${status}
Diagnostic-Code: smtp;550 ${status} RESOLVER.ADR.RecipientNotFound; Recipient
 ${recipient} not found by SMTP address lookup
X-Display-Name: Ana

--8a1f-4b2c-9d3e
Content-Type: message/rfc822

From: Example Status <status@example.org>
To: ${recipient}
Message-ID: ${messageId}
Content-Type: text/plain

It is over.
--8a1f-4b2c-9d3e--
`,
  gmail: ({ to, messageId, recipient, status = '5.1.1', action = 'failed' }: Facts) => `Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: ${to}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: ${messageId}
In-Reply-To: ${messageId}
X-Failed-Recipients: ${recipient}
Message-ID: <673f.0a@mx.googlemail.example>
Date: Sat, 21 Nov 2026 04:00:05 -0800 (PST)
Content-Type: multipart/report; boundary="000000000000b1"; report-type=delivery-status

--000000000000b1
Content-Type: multipart/related; boundary="000000000000b2"

--000000000000b2
Content-Type: text/html; charset="UTF-8"

<html><body><h2>Address not found</h2></body></html>
--000000000000b2--

--000000000000b1
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Received-From-MTA: dns; ${to}
Arrival-Date: Sat, 21 Nov 2026 04:00:04 -0800 (PST)
X-Original-Message-ID: ${messageId}

Final-Recipient: rfc822; ${recipient}
Action: ${action}
Status: ${status}
Remote-MTA: dns; gmail-smtp-in.l.google.example. (192.0.2.26, the server for the domain.)
Diagnostic-Code: smtp; 550-${status} The email account that you tried to reach does not exist.
 550 ${status} https://support.google.example/mail/?p=NoSuchUser
Last-Attempt-Date: Sat, 21 Nov 2026 04:00:05 -0800 (PST)

--000000000000b1
Content-Type: message/rfc822

From: Example Status <status@example.org>
To: ${recipient}
Message-ID: ${messageId}

It is over.
--000000000000b1--
`,
  qmail: ({ to, messageId, recipient }: Facts) => `Return-Path: <>
Received: (qmail 2481 invoked for bounce); 21 Nov 2026 12:00:05 -0000
From: MAILER-DAEMON@mail.example.net
To: ${to}
Subject: failure notice

Hi. This is the qmail-send program at mail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.

<${recipient}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <${to}>
Message-ID: ${messageId}
`,
};

const crlf = (text: string) => text.replaceAll('\n', '\r\n');

/** A mail to Ana that was sent, and what the app makes of a bounce. */
async function sentTo(t: Test, base: Database, address = 'Ana@Example.com') {
  const opened = await openApp(t, base);
  const issueId = await anIssue(base.db);
  await reportsOf(base.db, issueId, [address]);
  await resolve(base.db, issueId);
  await base.db.updateTable('delivery').set({ state: 'sent', ended_at: opened.clock.now }).execute();
  const [mail] = await deliveries(base.db);
  const verp = bounceAddressOf('status@example.org', links, mail!.id)!;
  const bounce = async (payload: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'message/rfc822' };
    const url = '/api/v1/bounces';
    const answer = await opened.app.inject({ method: 'POST', url, headers, payload: crlf(payload) });
    return answer.json();
  };
  const facts: Facts = { to: verp, messageId: mail!.message_id, recipient: address };
  const unchanged = async (why: string) => {
    t.match(await deliveries(base.db), [{ state: 'sent', bounced_at: null, last_error: null }], why);
    t.same(await suppressions(base.db), [], why);
  };
  return { ...opened, issueId, mail: mail!, verp, facts, bounce, unchanged };
}

const suppressions = (db: Db) => db.selectFrom('suppression').selectAll().execute();

t.test('what a delivery report weighs', async (t) => {
  for (const status of [
    '5.1.0',
    '5.1.1',
    '5.1.2',
    '5.1.3',
    '5.1.4',
    '5.1.6',
    '5.1.10',
    '5.2.1',
    ' 5.1.1 (bad)',
  ])
    t.equal(weightOf({ action: 'failed', status }), 'hard', status);
  for (const status of [
    '5.1.5',
    '5.1.7',
    '5.1.8',
    '5.1.9',
    '5.1.90',
    '5.2.0',
    '5.2.2',
    '5.2.3',
    '5.4.1',
    '5.7.1',
  ])
    t.equal(weightOf({ action: 'failed', status }), 'soft', status);
  for (const status of ['4.1.1', '4.2.1', '4.2.2', '4.4.7', '5.0.0', '', 'unknown', '15.1.1', '5.1.11'])
    t.equal(weightOf({ action: 'failed', status }), 'soft', status);
  const exims: [string, string][] = [
    ['smtp; 550 5.1.1 no such user', 'hard'],
    ['SMTP;550-5.2.1 closed', 'hard'],
    ['smtp; 550 5.2.2 full', 'soft'],
    ['smtp; 550 no such user', 'soft'],
    ['x-unix; 5.1.1', 'soft'],
    ['smtp; 450 5.1.1 later', 'soft'],
  ];
  for (const [diagnostic, weight] of exims)
    t.equal(weightOf({ action: 'failed', status: '5.0.0', diagnostic }), weight, diagnostic);
  t.equal(
    weightOf({ action: 'failed', status: '5.7.1', diagnostic: 'smtp; 550 5.1.1 x' }),
    'soft',
    'it said which',
  );
  t.equal(weightOf({ action: ' Failed ', status: '5.1.1' }), 'hard');
  t.equal(weightOf({ action: 'delayed', status: '5.1.1' }), 'soft');
  for (const action of ['relayed', 'delivered', 'expanded', '', 'vacation'])
    t.equal(weightOf({ action, status: '5.1.1' }), 'none', action);
});

t.test('the envelope sender is signed, survives a change of case, and fits', async (t) => {
  const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const address = bounceAddressOf('status@example.org', links, id)!;
  t.match(address, /^status\+b-[0-9a-z]{38}@example\.org$/);
  t.same(bounceTagsIn(links, address), [id]);
  t.same(bounceTagsIn(links, `<${address.toUpperCase()}>, x@y`), [id]);
  for (const low of ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'])
    t.same(bounceTagsIn(links, bounceAddressOf('s@e.org', links, low)!), [low]);
  const [, tag = ''] = /\+(b-\w+)@/.exec(address)!;
  const forged = [
    tag.slice(0, -1),
    `${tag}0`,
    tag.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    tag.replace('b-', 'b-z'),
  ];
  for (const one of [...forged, `b-${'z'.repeat(38)}`, 'b-'])
    t.same(bounceTagsIn(links, `status+${one}@example.org`), [], one);
  t.ok(bounceAddressOf(`${'x'.repeat(23)}@example.org`, links, id));
  t.equal(bounceAddressOf(`${'x'.repeat(24)}@example.org`, links, id), null, 'longer than 64 characters');
});

t.test(
  'BOUNCE_ADDRESS: of the sender where the relay is our own, plain where it wants a login',
  async (t) => {
    const to = (env: Record<string, string>) =>
      readConfig({ MAIL_FROM: 'S <s@example.org>', ...env }).bounceAddress;
    t.equal(to({ SMTP_URL: 'smtp://relay.example.org:25' }), 's@example.org');
    t.equal(to({ SMTP_URL: 'smtp://user:pass@smtp.example.org:587' }), null);
    t.equal(to({}), null);
    t.equal(to({ SMTP_URL: 'smtp://relay.example.org', BOUNCE_ADDRESS: 'off' }), null);
    t.equal(
      to({ SMTP_URL: 'smtp://u:p@smtp.example.org', BOUNCE_ADDRESS: 'back@b.example.org' }),
      'back@b.example.org',
    );
    t.throws(() => to({ BOUNCE_ADDRESS: 'nobody' }), {
      message: 'BOUNCE_ADDRESS must be a mail address, or off',
    });
  },
);

onBoth(t, 'a mailbox that does not exist gets no more mail, whichever server says so', async (t, base) => {
  for (const [server, letter] of Object.entries(servers).filter(
    ([name]) => name !== 'qmail' && name !== 'exim',
  )) {
    const { db } = base;
    const { facts, bounce, mail, clock } = await sentTo(t, base, `ana-${server}@example.com`);
    const [back] = [letter(facts)];
    t.match(await bounce(back), { became: 'suppressed' }, server);
    const [own] = await deliveries(db, { id: mail.id });
    t.match(
      own,
      { state: 'failed', reason: /^came back: 5\d\d/, bounced_at: clock.now, last_error: /^came back/ },
      server,
    );
    t.notMatch(`${own!.reason}`, /@/, 'no address in what is kept');
    t.match(await bounce(back), { became: 'nothing', said: /known already/ }, 'twice is once');
    const [row] = (await suppressions(db)).filter(({ address_key }) => address_key === facts.recipient);
    t.match(row, { source: 'bounce', created_at: clock.now, reason: /5\.1\.1/ }, server);
    t.notMatch(row!.reason, /@/);
    await db.deleteFrom('delivery').execute();
    await db.deleteFrom('api_token').execute();
  }
});

onBoth(t, 'it is known by the id of the returned mail where nothing is signed', async (t, base) => {
  const { facts, bounce, mail } = await sentTo(t, base);
  t.match(await bounce(servers.gmail({ ...facts, to: 'status@example.org' })), { became: 'suppressed' });
  t.match(await deliveries(base.db, { id: mail.id }), [{ state: 'failed' }]);
  t.match(await suppressions(base.db), [{ address_key: 'ana@example.com' }]);
});

onBoth(t, 'what may pass is noted; what is forged, unknown or no bounce changes nothing', async (t, base) => {
  const { facts, bounce, unchanged, mail, app } = await sentTo(t, base);
  const ignored: [string, string][] = [
    ['qmail speaks no RFC 3464', servers.qmail(facts)],
    ['it arrived', servers.postfix({ ...facts, action: 'delivered', status: '2.0.0' })],
    ['it was relayed', servers.postfix({ ...facts, action: 'relayed', status: '5.1.1' })],
    ['it was expanded', servers.postfix({ ...facts, action: 'expanded', status: '5.1.1' })],
    [
      'a person',
      `From: ana@example.com\nTo: ${facts.to}\nSubject: Re: It is over\n\nStatus: 5.1.1\nAction: failed\n`,
    ],
    [
      'on holiday',
      `From: ana@example.com\nTo: ${facts.to}\nAuto-Submitted: auto-replied\n\nI am away. 550 5.1.1\n`,
    ],
    [
      'read',
      `From: ana@example.com\nTo: ${facts.to}\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n--x\n\nread\n--x\nContent-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n--x--\n`,
    ],
    ['cut signature', servers.postfix({ ...facts, to: facts.to.replace(/.@/, '@'), messageId: '<x@y>' })],
    [
      'forged signature',
      servers.postfix({ ...facts, to: facts.to.replace(/.{3}@/, 'zzz@'), messageId: '<x@y>' }),
    ],
    [
      'another page',
      servers.postfix({ ...facts, to: 'status@example.org', messageId: '<unknown@example.net>' }),
    ],
    [
      'no recipient',
      servers.postfix(facts).replaceAll(/^(Final|Original)-Recipient.*\nAction.*\nStatus.*$/gm, ''),
    ],
  ];
  for (const [why, raw] of ignored) {
    t.match(await bounce(raw), { became: 'nothing', said: /nothing/ }, why);
    await unchanged(why);
  }
  for (const status of ['5.2.2', '5.7.1', '4.4.7', '5.1.8']) {
    t.match(await bounce(servers.postfix({ ...facts, status })), { became: 'noted' }, status);
    t.match(await deliveries(base.db), [
      { state: 'sent', bounced_at: null, last_error: new RegExp(`^came back: 550 ${status}`) },
    ]);
  }
  t.match(await bounce(servers.postfix({ ...facts, action: 'delayed', status: '4.4.1' })), {
    became: 'noted',
  });
  const forwarded = servers.postfix({ ...facts, recipient: 'ana@forwarded.example' });
  t.match(await bounce(forwarded), { became: 'noted' }, 'she has it forwarded: not her address');
  t.match((await deliveries(base.db, { id: mail.id }))[0]!.last_error, /\(after a forwarding\)$/);
  t.same(await suppressions(base.db), []);
  const headers = { authorization: `Bearer ${token}` };
  const json = {
    method: 'POST',
    url: '/api/v1/bounces',
    headers,
    payload: { message: servers.gmail({ ...facts, status: '5.2.2' }) },
  } as const;
  t.match((await app.inject(json)).json(), { became: 'noted' }, 'as JSON too');
  t.equal((await app.inject({ ...json, payload: { message: 'x' } })).statusCode, 400);
  t.equal((await app.inject({ ...json, headers: {} })).statusCode, 401);
});

onBoth(t, 'of several recipients the one whose mail it was counts', async (t, base) => {
  const { facts, bounce } = await sentTo(t, base);
  const other =
    'Final-Recipient: rfc822; bob@example.com\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; Ana@Example.com';
  const raw = servers.postfix({ ...facts, action: 'delayed', status: '4.2.2' });
  const both = raw.replace('Final-Recipient: rfc822; Ana@Example.com', other);
  t.match(await bounce(both), { became: 'noted' });
  t.same(await suppressions(base.db), []);
});

onBoth(t, 'an owner lifts it, the mail is sent again, and only a new bounce counts', async (t, base) => {
  const { facts, bounce, issueId, mail } = await sentTo(t, base);
  await bounce(servers.postfix(facts));
  await base.db.deleteFrom('api_token').execute();
  const support = await openDesk(t, base);
  const owner = await support.colleague({ role: 'owner', name: 'Olga' });
  const list = textOf((await support.get('/admin/suppressions')).html);
  t.match(
    list,
    /ana@example\.com There is no such mailbox\. The mail server said: 550 5\.1\.1 .* by a mail that came back/,
  );
  t.notMatch(list, 'Lift it');
  t.equal(
    (await support.post('/admin/suppressions/lift', { email: 'ana@example.com', reason: 'x' })).status,
    403,
  );
  t.match(
    textOf((await support.get('/admin/lookup?q=ana@EXAMPLE.com+wrote')).html),
    /No mail goes to ana@example\.com\. There is no such/,
  );
  t.match((await support.post(`/admin/issues/${issueId}/mail`)).to, '?state=failed', 'it stays as it is');

  const unsaid = await owner.post('/admin/suppressions/lift', { email: 'ana@example.com', reason: ' ' });
  t.match([unsaid.status, textOf(unsaid.html)], [400, /Please say why mail should go there again/]);
  const lift = { email: 'Ana@example.com', reason: 'She wrote that it works again' };
  t.equal((await owner.post('/admin/suppressions/lift', lift)).to, '/admin/suppressions?said=lifted');
  t.equal((await owner.post('/admin/suppressions/lift', lift)).status, 404);
  t.same(await suppressions(base.db), []);
  t.match((await owner.post(`/admin/issues/${issueId}/mail`)).to, '?said=again');
  t.match(await deliveries(base.db, { id: mail.id }), [{ state: 'queued' }]);

  const add = { email: 'no@example.com', reason: 'She asked us on the phone' };
  t.equal((await owner.post('/admin/suppressions', add)).to, '/admin/suppressions?said=listed');
  t.match(await owner.post('/admin/suppressions', add), { status: 409, html: /stands on the list already/ });
  t.match(await owner.post('/admin/suppressions', { email: 'x', reason: '' }), {
    status: 400,
    html: /This is no mail address/,
  });
  t.match(await suppressions(base.db), [
    { address_key: 'no@example.com', source: 'staff', reason: add.reason },
  ]);
  t.match(textOf((await support.get('/admin/suppressions?q=NO@')).html), 'She asked us on the phone');
  const many = Array.from({ length: 60 }, (_, i) => ({
    address_key: `p${i}@many.example`,
    reason: 'x',
    created_at: owner.clock.now,
  }));
  await base.db.insertInto('suppression').values(many).execute();
  const shown = new Set<string>();
  for (let next: string | undefined = '?q=many.example'; next; ) {
    const { html } = await owner.get(`/admin/suppressions${next}`);
    for (const [, address] of html.matchAll(/<h2 class="words">([^<]+)</g)) shown.add(address!);
    next = /rel="next" href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
  }
  t.equal(shown.size, 60, 'page by page');
  const trail = await base.db
    .selectFrom('audit')
    .select(['act', 'address', 'detail'])
    .where('address', 'is not', null)
    .orderBy('seq')
    .execute();
  t.same(trail, [
    {
      act: 'took an address off the suppression list',
      address: 'Ana@example.com',
      detail: { reason: lift.reason },
    },
    {
      act: 'put an address on the suppression list',
      address: 'no@example.com',
      detail: { reason: add.reason },
    },
  ]);
});

onBoth(
  t,
  'a bounce that comes twice does not undo what an owner lifted, one after a new try does',
  async (t, base) => {
    const { facts, bounce, mail, clock } = await sentTo(t, base);
    await bounce(servers.postfix(facts));
    await base.db.deleteFrom('suppression').execute();
    t.match(await bounce(servers.postfix(facts)), { became: 'nothing' });
    t.same(await suppressions(base.db), []);
    clock.now = new Date(clock.now.getTime() + 60_000);
    await base.db
      .updateTable('delivery')
      .set({ state: 'sent', reason: null, again_at: clock.now })
      .where('id', '=', mail.id)
      .execute();
    clock.now = new Date(clock.now.getTime() + 60_000);
    t.match(await bounce(servers.postfix(facts)), { became: 'suppressed' });
  },
);

onBoth(
  t,
  'each mail goes out with a sender of its own, and with the plain one where the server insists',
  async (t, { db }) => {
    const smtp = await smtpServer(t);
    await owe(db, 3);
    const bounceTo = (id: string) => bounceAddressOf('status@example.org', links, id);
    notify(t, db, smtp.url, { bounceTo });
    await until(() => smtp.accepted().length === 3);
    const rows = await deliveries(db);
    for (const mail of smtp.accepted()) {
      const own = rows.find(({ message_id }) => message_id === mail.messageId);
      t.same(bounceTagsIn(links, mail.from), [own!.id]);
      t.match(mail.raw, /^From: Example Status <status@example\.org>/m, 'what a person reads is the same');
      t.notMatch(mail.raw, '+b-');
    }
  },
);

t.test(
  'a server that takes no other sender gets the mail at once with the plain one, and no other is tried again',
  async (t) => {
    const refused: string[] = [];
    const said: string[] = [];
    const smtp = await smtpServer(t, {
      from: (address) => {
        if (!address.includes('+')) return null;
        refused.push(address);
        return { code: 553, text: '5.7.1 not yours' };
      },
    });
    const mailer = openMailer({
      smtpUrl: smtp.url,
      dataDir: mkdtempSync(join(tmpdir(), 'candor-mail-')),
      from: { name: '', address: 'status@example.org' },
      onPlainSender: (words) => said.push(words),
    });
    t.teardown(() => mailer.close());
    const letter = (number: number, envelopeFrom: string | null) => ({
      messageId: `<${number}@example.org>`,
      date: new Date(),
      to: 'ana@example.com',
      replyTo: null,
      subject: 's',
      text: 't',
      html: 'h',
      headers: {},
      thread: null,
      envelopeFrom,
    });
    await mailer.send(letter(1, 'status+b-1@example.org'));
    await mailer.send(letter(2, 'status+b-2@example.org'));
    t.same(
      smtp.accepted().map(({ from }) => from),
      ['status@example.org', 'status@example.org'],
    );
    t.same(refused, ['status+b-1@example.org']);
    t.same(said, ['553 5.7.1 not yours']);
  },
);

import { createHmac } from 'node:crypto';
import { connect, type TcpNetConnectOpts } from 'node:net';
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { faultOfStatus, isHopeless, unusualHost } from '../../src/domain/hooks.ts';
import { candorEvent } from '../../src/notifications/channels/candor.ts';
import { chatNews } from '../../src/notifications/channels/chat-news.ts';
import { discordMessage } from '../../src/notifications/channels/discord.ts';
import { mayReach, urlTrouble } from '../../src/notifications/channels/guard.ts';
import type { HookMatter, PublicIssue } from '../../src/notifications/channels/matter.ts';
import { type Posting, post } from '../../src/notifications/channels/post.ts';
import { newSigningSecret, signed } from '../../src/notifications/channels/sign.ts';
import { slackMessage } from '../../src/notifications/channels/slack.ts';
import { teamsMessage } from '../../src/notifications/channels/teams.ts';
import { testConfig } from '../fixtures/app.ts';
import { answers, drips, floods, hangs, headersWithoutEnd, receiver } from '../fixtures/receiver.ts';

const page = testConfig();
const at = new Date('2026-11-21T12:00:00.000Z');
const said = '2026-11-21T11:59:00.000Z';
const hour = 3_600_000;

function news(fields: Partial<PublicIssue> = {}, message = 'We found it.', template = 'update'): HookMatter {
  const update = {
    id: 'update000001',
    status: 'identified' as const,
    message,
    created_at: said,
    edited_at: null,
  };
  const issue: PublicIssue = {
    id: 'issue0000001',
    title: 'Uploads stop at 99 %',
    kind: 'incident',
    status: 'identified',
    impact: 'major',
    workaround: null,
    affected: null,
    fixed_for: null,
    components: [{ id: 'component001', name: 'Uploads', status: 'partial_outage' }],
    next_update_at: '2026-11-21T13:00:00.000Z',
    started_at: said,
    scheduled_for: null,
    scheduled_until: null,
    auto_start: false,
    auto_complete: false,
    remind: true,
    created_at: said,
    updated_at: said,
    resolved_at: null,
    resolution: null,
    return_of: null,
    url: `${page.baseUrl}/issues/issue0000001`,
    updates: [update],
    ...fields,
  };
  return { about: 'issue', template: template as 'update', issue, update, page, at };
}

const markdown = `Uploads **stop**, *sometimes*: see [the \`docs\`](https://docs.example/a_(b)?x=1&y=2).

- one
- two & <three>

1. first

\`\`\`
rm -rf *
\`\`\``;

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
type Any = any;
const slack = (matter: HookMatter): Any => slackMessage(chatNews(matter));
const discord = (matter: HookMatter): Any => discordMessage(chatNews(matter));
const teams = (matter: HookMatter): Any => teamsMessage(chatNews(matter));
const card = (matter: HookMatter): Any => teams(matter).attachments[0].content;

t.test('each chat reads the same news in its own markup', async (t) => {
  const { blocks, text } = slack(news({}, markdown));
  t.equal(text, `Update: Uploads stop at 99 % – We found the cause ${page.baseUrl}/issues/issue0000001`);
  t.equal(blocks[0].text.text, '🔴 Uploads stop at 99 %');
  t.equal(blocks[1].elements[0].text, '*Update* · We found the cause');
  t.equal(
    blocks[2].text.text,
    'Uploads *stop*, _sometimes_: see <https://docs.example/a_(b)?x=1&amp;y=2|the `docs`>.\n\n• one\n• two &amp; &lt;three&gt;\n\n1. first\n\n```\nrm -rf *\n```',
  );
  t.equal(blocks[3].text.text, '• Uploads: Partly down');
  t.equal(blocks[4].elements[0].text, '*Next update by 21 November 2026, 13:00 UTC*');
  t.match(blocks[5].elements[0].text, `<${page.baseUrl}/issues/issue0000001|Open the page> · Paperboat`);

  const [embed] = discord(news({}, markdown)).embeds;
  t.match(embed, { title: '🔴 Uploads stop at 99 %', url: /issue0000001$/, timestamp: at.toISOString() });
  t.equal(
    embed.description,
    'Uploads **stop**, *sometimes*: see [the `docs`](https://docs.example/a_%28b%29?x=1&y=2).\n\n- one\n- two & \\<three\\>\n\n1. first\n\n```\nrm -rf *\n```',
  );
  t.same(
    embed.fields.map(({ name, value }: Any) => `${name}: ${value}`),
    [
      'Update: We found the cause',
      'Components: - Uploads: Partly down',
      'When: Next update by 21 November 2026, 13:00 UTC',
    ],
  );

  const { body, actions, version } = card(news({}, markdown));
  t.equal(version, '1.4');
  t.same(
    body.map((one: Any) => one.text),
    [
      'Update',
      '🔴 Uploads stop at 99 %',
      'We found the cause',
      'Uploads **stop**, _sometimes_: see [the docs](https://docs.example/a_%28b%29?x=1&y=2).\n\n- one\n- two & \\<three\\>\n\n1. first\n\nrm -rf \\*',
      '- Uploads: Partly down',
      'Next update by 21 November 2026, 13:00 UTC',
      'Paperboat',
    ],
  );
  t.equal(actions[0].url, `${page.baseUrl}/issues/issue0000001`);
});

t.test('what stands above a message, and how it stands, in words', async (t) => {
  const closed = { status: 'resolved' as const, resolution: 'fixed' as const };
  const resolved = news(closed, 'It works.', 'resolved') as Extract<HookMatter, { about: 'issue' }>;
  resolved.update!.status = 'resolved';
  const work = {
    kind: 'maintenance' as const,
    status: 'scheduled' as const,
    scheduled_for: '2026-11-22T01:00:00.000Z',
    scheduled_until: '2026-11-22T02:00:00.000Z',
  };
  const planned = { ...news(work, '', 'reminder'), update: null } as HookMatter;
  const change = {
    id: 'change000001',
    issue_id: null,
    update_id: null,
    component_id: 'component001',
    seq: 1,
    at,
    old_status: 'operational' as const,
    new_status: 'major_outage' as const,
  };
  const component = { id: 'component001', name: 'Uploads', description: null, group: null, position: 1 };
  const moved = {
    about: 'component',
    component: { ...component, status: 'major_outage', created_at: said, updated_at: said },
    change,
    page,
    at,
  } as HookMatter;
  for (const [matter, lead, title, state, when] of [
    [
      news({}, 'x', 'opened'),
      'New incident',
      'Uploads stop at 99 %',
      'We found the cause',
      /^Next update by/,
    ],
    [news({ kind: 'bug' }, 'x', 'opened'), 'Known bug', /Uploads/, 'We found the cause', /^Next/],
    [resolved, 'It is over', /Uploads/, 'Fixed', /^$/],
    [planned, 'Planned work comes near', /Uploads/, 'Planned', /^From 22 November 2026, 01:00 UTC until 22 /],
    [moved, 'A component changed', 'Uploads: Down', 'Down', /^$/],
    [{ about: 'test', page, at }, 'A test', 'News of Paperboat will come here', /^Nothing is broken/, /^$/],
  ] as [HookMatter, ...(string | RegExp)[]][]) {
    t.match(chatNews(matter), { lead, title, state, when });
    for (const shape of [slack, discord, teams]) {
      const text = JSON.stringify(shape(matter));
      t.notMatch(text, /undefined|null,"text|"text":""|"value":""/, `${lead}`);
    }
  }
  t.same(candorEvent(moved), {
    type: 'component.changed',
    timestamp: at.toISOString(),
    data: {
      component: (moved as Extract<HookMatter, { about: 'component' }>).component,
      change: {
        id: 'change000001',
        old_status: 'operational',
        new_status: 'major_outage',
        at: at.toISOString(),
        issue_id: null,
        update_id: null,
      },
    },
  });
  t.equal(candorEvent(planned).type, 'maintenance.reminder');
});

t.test('nobody is called, and nothing that was typed means anything to a chat', async (t) => {
  const bad = '<!channel> <@U1> @everyone @here <https://evil.example|bank> `x` *a* _b_ [l](javascript:x)';
  const matter = news(
    { title: bad, components: [{ id: 'c', name: bad, status: 'major_outage' }], workaround: bad },
    bad,
    'opened',
  );
  const { blocks, text } = slack(matter);
  // The header is of Slack's plain_text, in which nothing is ever read as markup.
  const inSlack = JSON.stringify([text, blocks.slice(1)]);
  t.equal(blocks[0].text.type, 'plain_text');
  t.notMatch(inSlack, /<[!@#]/);
  t.notMatch(inSlack, '<https://evil.example|bank>');
  const inDiscord = discord(matter);
  t.same(inDiscord.allowed_mentions, { parse: [] });
  t.notMatch(inDiscord.embeds[0].description, /(^|[^\\])[@<]/);
  t.notMatch(inDiscord.embeds[0].title, /(^|[^\\])[@<*_`]/);
  t.notMatch(JSON.stringify([inDiscord, card(matter)]), /[^\\]\]\(javascript/);
  const [, title] = card(matter).body;
  t.notMatch(title.text, /(^|[^\\])[<*_`[]/);
});

t.test(
  'what is too long is cut at a word with “…”, within each chat’s limits, and its markup stays whole',
  async (t) => {
    const long = {
      words: 'all **words** are bold & long '.repeat(900),
      signs: '&'.repeat(25_000),
      one: 'x'.repeat(25_000),
      wide: '漢'.repeat(25_000),
      links: '[a word](https://example.com/some/long/path?with=query) '.repeat(450),
      lists: '- an item of the **list**\n'.repeat(950),
    };
    const parts = Array.from({ length: 500 }, (_, n) => ({
      id: `c${n}`,
      name: `Part ${n} ${'&_'.repeat(50)}`,
      status: 'major_outage' as const,
    }));
    for (const [name, text] of Object.entries(long)) {
      const matter = news(
        { title: text.slice(0, 255), workaround: text.slice(0, 10_000), components: parts },
        text,
        'opened',
      );
      const { blocks } = slack(matter);
      t.ok(blocks.length <= 50);
      t.ok(blocks[0].text.text.length <= 150, `${name}: the header of Slack`);
      const sections = blocks.filter((one: Any) => one.type === 'section').map((one: Any) => one.text.text);
      for (const one of sections) t.ok(one.length <= 3_000, `${name}: a section of Slack, ${one.length}`);
      t.match(sections[0], /…\W*$/, `${name}: it is seen that something is missing`);
      t.notMatch(sections[0], /<[^>]*$/, `${name}: no link is torn`);
      t.match(sections[2], 'and 490 more');
      const [embed] = discord(matter).embeds;
      const values = embed.fields.flatMap((one: Any) => [one.name, one.value]);
      t.ok(embed.title.length <= 256 && embed.description.length <= 4_096, `${name}: Discord`);
      t.ok(values.every((one: string) => one.length <= 1_024));
      const all = [embed.title, embed.description, embed.footer.text, ...values].join('').length;
      t.ok(all <= 6_000 && all > 2_000, `${name}: Discord in all, ${all}`);
      const bytes = Buffer.byteLength(JSON.stringify(teams(matter)));
      t.ok(bytes <= 28 * 1024 && bytes > 4_000, `${name}: Teams, ${bytes} bytes`);
    }
    t.match(
      slack(news({}, long.words)).blocks[2].text.text.slice(-40),
      /(all|are|bold|&amp;|long|\*words\*)( …|…)$/,
    );
  },
);

t.test('a message is signed as Standard Webhooks wants it', async (t) => {
  // The example of the specification's own libraries.
  const example = signed(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    '{"test": 2432232314}',
    new Date(1_614_265_330_000),
  );
  t.same(example, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
  const secret = newSigningSecret();
  t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const now = new Date();
  const headers = signed(secret, 'an-id', '{"ü":1}', now);
  t.same(new Webhook(secret).verify('{"ü":1}', headers), { ü: 1 });
  t.throws(() => new Webhook(secret).verify('{"ü":2}', headers));
  const key = Buffer.from(secret.slice(6), 'base64');
  const byHand = createHmac('sha256', key).update(`an-id.${Math.floor(now.getTime() / 1000)}.{"ü":1}`);
  t.equal(headers['webhook-signature'], `v1,${byHand.digest('base64')}`);
});

t.test('which addresses may be reached', async (t) => {
  const inside = ['127.0.0.1', '10.1.2.3', '192.168.0.1', '172.16.0.1', '100.64.0.1', '::1', 'fd00::1'];
  const never = [
    '0.0.0.0', '0.1.2.3', '169.254.169.254', '224.0.0.1', '255.255.255.255', '240.0.0.1', '192.0.2.1', '198.51.100.1',
    '203.0.113.1', '198.18.0.1', '192.0.0.1', '192.88.99.1', '::', 'fe80::1', 'fe80::1%eth0', 'ff02::1', '::ffff:8.8.8.8',
    '::ffff:127.0.0.1', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001::1', '2001:db8::1',
    '3fff::1', 'fec0::1', '100::1', '4000::1', 'localhost', '', '127.1', '8.8.8.8%1',
  ]; // biome-ignore format: a table
  for (const one of ['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111'])
    t.same([mayReach(one, 'open'), mayReach(one, 'inside')], [true, true], one);
  for (const one of inside) t.same([mayReach(one, 'open'), mayReach(one, 'inside')], [false, true], one);
  for (const one of never) t.same([mayReach(one, 'open'), mayReach(one, 'inside')], [false, false], one);
});

t.test('which webhooks may be given, and what is said of the others', async (t) => {
  for (const [url, trouble] of [
    ['https://hooks.example.com/a?b=c', ''],
    ['https://hooks.example.com:8443/', ''],
    ['https://8.8.8.8/', ''],
    ['http://hooks.example.com/', 'begins with https'],
    ['https://hooks.example.com:22/', 'port 443'],
    ['https://user:pass@hooks.example.com/', 'without a name and password'],
    ['https://user@hooks.example.com/', 'without a name and password'],
    ['ftp://hooks.example.com/', 'begins with https'],
    ['hooks.example.com', 'a whole address'],
    ['', 'Please give the address'],
    [`https://hooks.example.com/${'x'.repeat(2_000)}`, 'at most 2,000'],
    ...[
      '127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]',
      '10.0.0.1', '169.254.169.254', 'localhost', 'LOCALHOST.', 'intranet', 'db.internal', 'a.localhost', '①②⑦.⓪.⓪.①',
    ].map((host) => [`https://${host}/`, 'everybody can reach']),
    ['https://[fe80::1%25eth0]/', 'a whole address'],
  ] as [string, string][]) // biome-ignore format: a table
    t.match(urlTrouble(url, 'open'), trouble === '' ? /^$/ : trouble, url);
  for (const url of ['http://127.0.0.1:8080/', 'http://intranet/', 'https://10.0.0.1/'])
    t.equal(urlTrouble(url, 'inside'), '', url);
  t.match(urlTrouble('http://169.254.169.254/latest', 'inside'), 'everybody can reach');
  t.match(urlTrouble('file:///etc/passwd', 'inside'), 'begins with https:// or http://');
  for (const [kind, host, fine] of [
    ['slack', 'hooks.slack.com', true],
    ['slack', 'hooks.slack.com.evil.example', false],
    ['teams', 'acme.webhook.office.com', true],
    ['teams', 'prod-1.westeurope.logic.azure.com', true],
    ['discord', 'discord.com', true],
    ['discord', 'notdiscord.com', false],
    ['candor', 'anything.example', true],
  ] as const)
    t.equal(unusualHost(kind, host) === '', fine, `${kind} at ${host}`);
});

const message = { body: '{"a":1}', headers: { 'content-type': 'application/json' } };

t.test('a name is looked up once, and the connection goes to what was checked', async (t) => {
  const trap = await receiver(t);
  const asked: string[] = [];
  const dialled: string[][] = [];
  // The first look finds a public address, every later one this machine.
  const rebinding = async (name: string) => [asked.push(name) === 1 ? '93.184.215.14' : '127.0.0.1'];
  const dial: Posting['dial'] = (options: TcpNetConnectOpts & { servername?: string }) => {
    t.equal(options.servername, 'hooks.example.com', 'the name stays for TLS');
    options.lookup!(options.host!, { all: true }, (_error, found) =>
      dialled.push((found as { address: string }[]).map(({ address }) => address)),
    );
    const socket = connect({ port: trap.port, host: '127.0.0.1' });
    return socket.on('connect', () => socket.destroy());
  };
  const url = `https://hooks.example.com:${trap.port}/x`;
  t.equal(await post(url, message, { reach: 'open', resolve: rebinding, dial }), 'connection');
  t.same([asked.length, dialled], [1, [['93.184.215.14']]]);
  const before = trap.connections;
  t.equal(
    await post(url, message, { reach: 'open', resolve: rebinding }),
    'private',
    'looked at anew each time',
  );
  for (const mixed of [['93.184.215.14', '10.0.0.1'], ['2606:4700::1', '::1'], ['::ffff:93.184.215.14']])
    t.equal(await post(url, message, { reach: 'open', resolve: async () => mixed }), 'private', mixed.join());
  t.equal(await post(url, message, { reach: 'open', resolve: async () => [] }), 'name');
  t.equal(await post(`http://127.0.0.1:${trap.port}/`, message, { reach: 'open' }), 'address');
  t.equal(trap.connections, before, 'nobody knocked');
  const slowNames = { reach: 'open', timeoutMs: 50, resolve: () => new Promise<string[]>(() => {}) } as const;
  t.equal(await post(url, message, slowNames), 'timeout');
});

t.test('whatever a receiver does, it is over in time and costs little', async (t) => {
  const there = await receiver(t);
  const say = (timeoutMs = 5_000) => post(`${there.url}/in?x=1`, message, { reach: 'inside', timeoutMs });
  t.equal(await say(), null);
  t.match(there.got[0], { path: '/in?x=1', raw: message.body, headers: { host: `127.0.0.1:${there.port}` } });
  for (const [status, fault] of [
    [204, null],
    [301, 'redirect'],
    [307, 'redirect'],
    [400, 'refused'],
    [404, 'denied'],
    [410, 'gone'],
    [413, 'refused'],
    [429, 'busy'],
    [500, 'broken'],
    [503, 'broken'],
  ] as const) {
    // biome-ignore format: a table
    const elsewhere = there.got.length;
    there.manner = answers(status, { location: `${there.url}/elsewhere` });
    t.equal(await say(), fault, `${status}`);
    t.equal(faultOfStatus(status), fault);
    t.equal(there.got.length, elsewhere + 1, 'no redirect is followed');
  }
  const flood = floods();
  there.manner = flood;
  t.equal(await say(), null, 'the status counts');
  t.ok(flood.sent < 64 * 1024 * 1024, `of a gigabyte it could send ${flood.sent} bytes`);
  there.manner = headersWithoutEnd;
  t.equal(await say(), 'odd');
  there.manner = hangs;
  t.equal(await say(150), 'timeout');
  there.manner = drips;
  t.equal(await say(150), 'timeout');
  there.manner = (_got, answer) => void answer.socket!.destroy();
  t.equal(await say(), 'connection');
  there.manner = (_got, answer) => void answer.socket!.end('no HTTP at all\r\n\r\n');
  t.equal(await say(), 'odd');
  t.equal(await post(`https://127.0.0.1:${there.port}/`, message, { reach: 'inside' }), 'connection');
  const leaving = new AbortController();
  there.manner = () => leaving.abort();
  await t.rejects(post(there.url, message, { reach: 'inside', signal: leaving.signal }), 'the process stops');
});

t.test('when a webhook is given up', async (t) => {
  const now = at;
  const since = (hours: number) => new Date(now.getTime() - hours * hour);
  for (const [fault, failures, hours, hopeless] of [
    ['gone', 1, 0, true],
    ['broken', 1, 0, false],
    ['broken', 20, 23.9, false],
    ['broken', 19, 100, false],
    ['broken', 20, 24, true],
    ['timeout', 500, 48, true],
  ] as const)
    t.equal(
      isHopeless(fault, { failures, failingSince: since(hours) }, now),
      hopeless,
      `${fault}, ${failures} times in ${hours} h`,
    );
  t.equal(isHopeless('broken', { failures: 20, failingSince: null }, now), false);
});

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

// The house rules, checked from the import lines themselves.

const root = fileURLToPath(new URL('../src', import.meta.url));
const features = [
  'issues',
  'reports',
  'subscribers',
  'notifications',
  'status-page',
  'feeds',
  'staff',
  'ledger',
  'page-cache',
];

/** Features do not import each other, except through what all must reach; each further crossing stands here. */
const forAll = ['notifications/outbox.ts', 'ledger/state.ts', 'ledger/count.ts'];
const crossings = [
  // Whoever erases a subscription erases the mails of it.
  'subscribers/erase-subscription.ts → notifications/erase-deliveries.ts',
  // The mails of one step of staff on many reports: a room of the outbox's own.
  'reports/link-report.ts → notifications/owe-step.ts',
  'reports/answer-report.ts → notifications/owe-step.ts',
  'reports/mark-spam.ts → notifications/owe-step.ts',
  'reports/take-back.ts → notifications/owe-step.ts',
  // News go to whoever asked to hear, in the transaction that makes them.
  'issues/component-changes.ts → notifications/owe-component.ts',
  'issues/open-issue.ts → notifications/owe-news.ts',
  'issues/post-update.ts → notifications/owe-news.ts',
  // Whoever told us that it was broken hears first that it came back.
  'issues/open-issue.ts → notifications/owe-return.ts',
  'issues/post-update.ts → notifications/owe-return.ts',
  // Programs are told of an issue what the API would answer, and Statuspage's programs what its API would.
  'notifications/channels/matter.ts → feeds/statuspage/read.ts',
  'notifications/channels/matter.ts → issues/read-issues.ts',
  'notifications/channels/matter.ts → issues/schemas.ts',
  'notifications/channels/statuspage.ts → feeds/statuspage/answers.ts',
  'notifications/channels/statuspage.ts → feeds/statuspage/read.ts',
  'notifications/channels/statuspage.ts → feeds/statuspage/shape.ts',
  // Whoever told us that a fix does not work follows the issue once it is open again.
  'issues/post-update.ts → reports/link-again.ts',
  // Staff see the best-matching issues beside each report; the page's search finds them.
  'reports/list-reports.ts → status-page/find-issues.ts',
  // Her own page shows her what we may know already.
  'reports/own-page.ts → status-page/find-issues.ts',
  // A feed says where the ledger stands, so that its readers can check that nothing was rewritten.
  'feeds/routes.ts → ledger/said-head.ts',
  // Statuspage's API for writing is their addresses and shapes around our verbs, in their body's words.
  'feeds/statuspage/manage-calls.ts → issues/statuspage-body.ts',
  'feeds/statuspage/manage-calls.ts → issues/statuspage-components.ts',
  'feeds/statuspage/manage-calls.ts → issues/statuspage-write.ts',
];

/** The one file that may import a library. */
const doors: Record<string, string> = {
  pg: 'db.ts',
  '@electric-sql/pglite': 'db.ts',
  '@electric-sql/pglite/node-postgres': 'db.ts',
  eta: 'views.ts',
  nodemailer: 'mailer.ts',
  'nodemailer/lib/base64': 'mail-bytes.ts',
  'nodemailer/lib/mime-funcs': 'mail-bytes.ts',
  'nodemailer/lib/mime-node': 'mail-bytes.ts',
  'nodemailer/lib/qp': 'mail-bytes.ts',
  'nodemailer/lib/smtp-pool': 'mail-wire.ts',
  'node-cron': 'schedule.ts',
  'markdown-it': 'markdown.ts',
  'prom-client': 'metrics.ts',
  feed: 'feeds/syndicate.ts',
  'ical-generator': 'feeds/calendar.ts',
  'p-limit': 'page-cache/making.ts',
  'postal-mime': 'read-mail.ts',
  'email-reply-parser': 'reports/cut-reply.ts',
  standardwebhooks: 'notifications/channels/sign.ts',
  canonicalize: 'ledger/chain.ts',
  diff: 'word-diff.ts',
  '@secretlint/secretlint-rule-preset-recommend': 'find-secrets.ts',
};

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();
const texts = new Map(files.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
const imports = new Map(files.map((name) => [name, importsOf(name)]));

t.test('the ground floor imports only itself, and knows neither the time nor the process', async (t) => {
  for (const file of files.filter((name) => name.startsWith('domain/'))) {
    for (const { from } of imports.get(file)!) t.match(from, /^domain\//, `${file} imports ${from}`);
    const code = withoutComments(texts.get(file)!);
    t.notMatch(code, /\bDate\.now\(|new Date\(\)|\bprocess\.|\bconsole\.|Math\.random\(|performance\./, file);
  }
});

t.test('no import runs in a circle', async (t) => {
  const done = new Set<string>();
  const walk = (file: string, path: string[]): void => {
    if (path.includes(file)) return void t.fail([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    for (const { from, typeOnly } of imports.get(file) ?? []) if (!typeOnly) walk(from, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  t.ok(files.every((file) => done.has(file)));
});

t.test('features know each other only through the outbox and the crossings written down here', async (t) => {
  const found = files.flatMap((file) =>
    imports
      .get(file)!
      .filter(({ from }) => isCrossing(file, from))
      .map(({ from }) => `${file} → ${from}`),
  );
  t.same(found.sort(), [...crossings].sort());
});

t.test('nobody knows the console but the page of all addresses', async (t) => {
  for (const file of files.filter((name) => !name.startsWith('desk/') && name !== 'app.ts')) {
    for (const { from } of imports.get(file)!) t.notMatch(from, /^desk\//, `${file} imports ${from}`);
  }
});

t.test(
  'pages are made as if nobody kept them: the page cache has one door, and the process alone knows it',
  async (t) => {
    const knowing = files.filter(
      (file) =>
        !file.startsWith('page-cache/') &&
        imports.get(file)!.some(({ from }) => from.startsWith('page-cache/')),
    );
    t.same(knowing, ['app.ts', 'main.ts', 'reach-database.ts']);
    for (const file of knowing) {
      const doors = imports.get(file)!.filter(({ from }) => from.startsWith('page-cache/'));
      t.same([...new Set(doors.map(({ from }) => from))], ['page-cache/door.ts'], file);
    }
  },
);

t.test('one file asks where it is, since all are built into one folder', async (t) => {
  for (const file of files.filter((name) => name !== 'own-files.ts'))
    t.notMatch(withoutComments(texts.get(file)!), /\bimport\.meta\b/, `${file} asks where it is`);
});

t.test('each library has one door, and the environment one reader', async (t) => {
  for (const file of files) {
    for (const { from } of imports.get(file)!) {
      const door = doors[from];
      if (door) t.equal(file, door, `${from} is imported by ${file}`);
    }
    if (file !== 'config.ts')
      t.notMatch(withoutComments(texts.get(file)!), /process\.env/, `${file} reads the environment`);
  }
});

t.test('features write only their own tables', async (t) => {
  const owners: Record<string, string> = {
    component: 'issues',
    issue: 'issues',
    issue_component: 'issues',
    issue_edit: 'issues',
    issue_update: 'issues',
    report: 'reports',
    quota: 'limits.ts',
    delivery: 'notifications',
    sending: 'notifications',
    suppression: 'notifications',
    api_token: 'staff',
    audit: 'staff',
    deed: 'reports',
    deed_report: 'reports',
    note: 'issues',
    report_group: 'reports',
    staff: 'staff',
    staff_link: 'staff',
    staff_session: 'staff',
    idempotency: 'api',
    subscriber: 'subscribers',
    subscriber_component: 'subscribers',
    subscriber_issue: 'subscribers',
    consent: 'subscribers',
    webhook: 'notifications',
    component_change: 'issues',
    issue_draft: 'issues',
    ledger: 'ledger',
    figures_kept: 'ledger',
    workaround: 'reports',
    workaround_help: 'reports',
  };
  for (const file of files) {
    const writes = [
      ...texts
        .get(file)!
        .matchAll(/(?:insertInto|updateTable|deleteFrom)\('(\w+)'|(?:insert into|update|delete from) (\w+)/g),
    ];
    for (const [, built, plain] of writes) {
      const owner = owners[built ?? plain!];
      if (owner) t.equal(file.split('/')[0], owner, `${file} writes ${built ?? plain}`);
    }
  }
});

t.test('no room is larger than 250 lines', async (t) => {
  for (const [file, text] of texts)
    t.ok(text.split('\n').length <= 251, `${file} has ${text.split('\n').length} lines`);
});

interface Import {
  from: string;
  typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = texts.get(file)!;
  const found = [
    ...text.matchAll(/^(?:import|export) (type )?[^'"]*?from ['"]([^'"]+)['"]/gms),
    ...text.matchAll(/()import\(['"]([^'"]+)['"]\)/g),
  ];
  return found
    .map(([, typeOnly, name]) => ({
      typeOnly: Boolean(typeOnly),
      from: name!.startsWith('.') ? relative(root, join(root, dirname(file), name!)) : name!,
    }))
    .filter(({ from }) => !from.startsWith('node:'));
}

function isCrossing(file: string, from: string): boolean {
  const [here, there] = [file.split('/')[0]!, from.split('/')[0]!];
  return features.includes(here) && features.includes(there) && here !== there && !forAll.includes(from);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

t.test('each bench is listed with what it is about, and no helper of theirs is taken for one', async (t) => {
  const cwd = join(root, '..');
  const { status, stdout } = spawnSync('node', ['--import=tsx', 'bench/run.ts', '--help'], { cwd });
  t.equal(status, 0);
  const listed = stdout.toString().match(/^ {2}\w+ +\w.*$/gm) ?? [];
  t.ok(listed.length > 5);
  t.same(
    listed.map((line) => line.trim().split(' ')[0]),
    readdirSync(join(cwd, 'bench'))
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => readFileSync(join(cwd, 'bench', file), 'utf8').includes(': Bench = {'))
      .map((file) => file.slice(0, -3))
      .sort(),
  );
});

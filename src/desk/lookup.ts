import { readAddress } from '../address.ts';
import { hearingLines, subscriberWords } from '../domain/hearing.ts';
import { replyOfNew } from '../domain/replies.ts';
import { cleanText } from '../domain/text.ts';
import { suppressedOf } from '../notifications/suppressions.ts';
import { addReports } from '../reports/add-reports.ts';
import { fileReport } from '../reports/file-report.ts';
import { subscribersAt } from '../subscribers/read-subscribers.ts';
import { view } from '../views.ts';
import { typedLine, typedText } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { type Answerable, answerables } from './lookup-answers.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';
import { suppressionWords } from './suppression-words.ts';

interface LookupPage extends DeskPage {
  q: string;
  asked: boolean;
  found: (Answerable & { typed: Typed })[];
  /** What was just done; empty where nothing was. */
  done: { text: string; href: string; reply: string } | null;
  /** Of the addresses in these words, those that no mail goes to. */
  noMail: { address: string; why: string; href: string }[];
  /** Of the same, those that subscribe or did, and to what. */
  subscribers: { address: string; state: string; lines: string[]; href: string }[];
  /** The form that files a report, as it was typed where it was not taken. */
  typed: Typed;
}

/** The address form under one issue, or, with none, the one that files a report. */
interface Typed {
  issueId: string;
  email: string;
  name: string;
  own: boolean;
  error: string;
}

const render = view<LookupPage>('desk/lookup.eta');
const blank: Typed = { issueId: '', email: '', name: '', own: false, error: '' };
const longest = 5_000;
const id = /^[0-9a-z]{12}$/;

/** A ticket on the phone: is it known, what may we say now, and her address noted in the same step. */
export const lookupRoutes: DeskRoute[] = [
  look('GET /admin/lookup', (visit) => lookupPage(visit, cleanText(visit.query.q?.slice(0, longest) ?? ''))),
  act('POST /admin/lookup', async (visit, fields) => {
    const q = typedText(fields, 'q');
    const typed = typedIn(fields);
    const error = wrongWith(typed, q);
    if (error) return { page: { html: await lookupPage(visit, q, { ...typed, error }), status: 400 } };
    return typed.issueId ? addHer(visit, q, typed) : passOn(visit, q, typed);
  }),
];

/** She follows a known issue from now on. */
function addHer(visit: Visit, q: string, { issueId, email, name, own }: Typed) {
  return visit.change(async (trx) => {
    const entry = { email, source: 'lookup', ...(name && { name }), ...(own && q && { message: q }) };
    const { added, already_there } = await addReports(trx, issueId, [entry], visit.at);
    const mute = (await suppressedOf(trx, [email])).length > 0 ? { no_mail: 'yes' } : {};
    const where = { q: q.slice(0, 1_000), [added ? 'added' : 'there']: issueId, ...mute };
    return {
      to: `/admin/lookup?${new URLSearchParams(where)}`,
      about: `issue:${issueId}`,
      detail: { added, already_there },
      address: email,
    };
  });
}

/** Nothing fits: it waits in the inbox with what customers said themselves. */
function passOn(visit: Visit, q: string, { email, name }: Typed) {
  return visit.change(async (trx) => {
    const told = { message: q, email: email || null, name: name || null, source: 'lookup' };
    const report = await fileReport(trx, told, visit.at);
    return {
      to: `/admin/lookup?${new URLSearchParams({ q: q.slice(0, 1_000), filed: report.id })}`,
      about: `report:${report.id}`,
      detail: { filed: true },
      ...(email && { address: email }),
    };
  });
}

async function lookupPage(visit: Visit, q: string, typed: Typed = blank): Promise<string> {
  const { db, desk, at, config, query } = visit;
  const { added = '', there = '', filed = '' } = query;
  const about = { baseUrl: config.baseUrl, followed: added || there, now: at };
  const found = q ? await answerables(db, q, about) : [];
  const typedFor = (issueId: string) => (typed.issueId === issueId ? typed : blank);
  return render({
    desk,
    title: 'Look-up',
    here: 'lookup',
    q,
    asked: q !== '',
    found: found.map((one) => ({ ...one, typed: typedFor(one.id) })),
    done: await doneOf(visit, { added, there, filed }),
    noMail: await noMailTo(db, q),
    subscribers: await subscribersIn(db, q),
    typed: typedFor(''),
  });
}

const address = /[^\s<>()[\]",;:@]+@[^\s<>()[\]",;:@]+[a-z0-9]/gi;

function addressesIn(words: string): string[] {
  return (words.slice(0, 2_000).match(address) ?? []).slice(0, 10);
}

async function subscribersIn(db: Visit['db'], words: string): Promise<LookupPage['subscribers']> {
  const rows = await subscribersAt(db, addressesIn(words));
  return rows.map((row) => ({
    address: row.email,
    state: subscriberWords[row.state],
    lines: hearingLines(row.choices),
    href: `/admin/subscribers/${row.id}`,
  }));
}

async function noMailTo(db: Visit['db'], words: string): Promise<LookupPage['noMail']> {
  const rows = await suppressedOf(db, addressesIn(words));
  return rows.map((row) => ({
    address: row.address_key,
    why: suppressionWords(row),
    href: `/admin/suppressions?${new URLSearchParams({ q: row.address_key })}`,
  }));
}

async function doneOf(
  { db, query }: Visit,
  { added, there, filed }: { added: string; there: string; filed: string },
): Promise<LookupPage['done']> {
  if (id.test(added)) {
    const text = query.no_mail
      ? 'Noted. But no mail goes to this address, so nothing reaches it: look it up here to see why.'
      : 'Noted. Whoever it is hears when it is over.';
    return { text, href: `/admin/issues/${added}`, reply: '' };
  }
  if (id.test(there)) {
    const text = 'This address was noted there already, so nothing changed.';
    return { text, href: `/admin/issues/${there}`, reply: '' };
  }
  if (!id.test(filed)) return null;
  const report = await db.selectFrom('report').select('email').where('id', '=', filed).executeTakeFirst();
  if (!report) return null;
  const text = 'Passed on: it waits in the inbox.';
  return { text, href: `/admin/inbox/${filed}`, reply: replyOfNew(report.email !== null) };
}

function typedIn(fields: Fields): Typed {
  const issueId = typedLine(fields, 'issue_id');
  return {
    issueId: id.test(issueId) ? issueId : '',
    email: typedLine(fields, 'email'),
    name: typedLine(fields, 'name').slice(0, 100),
    own: typedLine(fields, 'own') === 'yes',
    error: '',
  };
}

function wrongWith({ issueId, email }: Typed, q: string): string {
  if (q.length > longest)
    return `These words are too many: we can take ${longest.toLocaleString('en')} characters.`;
  if (email !== '' && readAddress(email) === null) {
    return 'We cannot write to this address. It should look like ana@example.com.';
  }
  if (issueId && email === '') return 'Please type her or his address.';
  return !issueId && q === '' ? 'Please paste what the customer wrote.' : '';
}

import { sql } from 'kysely';
import t from 'tap';
import { alikeFrom, headlineOf, likeness, readStems } from '../../src/domain/alike.ts';
import { freshDatabase } from '../fixtures/db.ts';

const empty = 'export gives an empty file';

/** What customers write, in twos: about one matter, or about two. */
const alike: [string, string][] = [
  // Nine ways to say it.
  [empty, 'The export gives an empty file'],
  [empty, 'csv export empty??'],
  [empty, 'I exported my data and the file has nothing in it'],
  [empty, 'When I download the export, the file is blank'],
  [empty, 'my exports are all empty files since this morning'],
  [empty, 'Empty file when exporting to Excel'],
  [empty, 'Export button downloads a 0 KB file'],
  [empty, 'Hi, exporting invoices to CSV produces an empty file. Please help!'],
  [
    empty,
    'Hello, I have been a customer since 2019 and never had a problem. Every Monday I export the sales of my shop for the accountant. Today the file that came was empty. I tried three times, with Firefox and with Chrome.',
  ],
  ['cannot log in on my phone', 'login on mobile does not work'],
  ['cannot log in on my phone', "Can't sign in from my iPhone"],
  ['Login broken', "I can't log in"],
  ['Login broken', 'login not working!!!'],
  ['password reset mail never arrives', 'I did not receive the email to reset my password'],
  ['password reset mail never arrives', 'No password reset email in my inbox'],
  ['I got the same invoice twice', 'Invoices are sent two times, I have every invoice twice'],
  ['I got the same invoice twice', 'duplicate invoice'],
  ['dashboard is very slow', 'The dashboard takes forever, so slow today'],
  ['Video freezes after ten seconds', 'videos hang after 10 seconds'],
  ['my profile picture is upside down', 'Profile photo upside-down after upload'],
  ['card declined at checkout', 'Checkout refuses my card'],
  ['card declined at checkout', 'my visa card was declined at the checkout, is it you or my bank?'],
  ['search finds no names with accents', 'Searching for names with accents gives nothing'],
  ['printing cuts off the last column', 'last column is cut off when I print a table'],
  ['the app crashes when I open the camera', 'App freezes as soon as I open the camera'],
  ['error 502 on the orders page', '502 when I open my orders'],
  ['VAT is wrong for Swiss orders', 'wrong VAT on an order to Switzerland, Swiss customer'],
  ['Die Überweisung schlägt fehl', 'Meine Überweisung schlägt immer fehl'],
  ['受信メールの件名が文字化けする', 'メールの件名が文字化けしています'],
];

const apart: [string, string][] = [
  [empty, 'export is slow'],
  [empty, 'Exporting the file is very slow'],
  [empty, 'export to Excel has wrong dates'],
  [empty, 'my shopping basket is empty'],
  [empty, 'file upload fails'],
  [empty, 'It does not work'],
  [empty, 'how do I delete my account'],
  ['It does not work', 'Nothing works!'],
  ['Help please', 'please help me'],
  ['error', 'I get an error on the page'],
  ['cannot log in on my phone', 'phone number is wrong on the invoice'],
  ['login broken', 'the login code arrives late'],
  ['login broken', 'After login the dashboard is slow'],
  ['password reset mail never arrives', 'password is refused'],
  ['password reset mail never arrives', 'my parcel never arrived'],
  ['I got the same invoice twice', 'invoice has a wrong address'],
  ['dashboard is very slow', 'dashboard shows wrong figures'],
  ['dashboard is very slow', 'search is very slow'],
  ['Video freezes after ten seconds', 'video has no sound'],
  ['card declined at checkout', 'checkout button is green'],
  ['card declined at checkout', 'my gift card is missing'],
  ['the app crashes when I open the camera', 'the app crashes when I print'],
  ['the page does not load', 'the page looks odd on my phone'],
  ['error 502 on the orders page', 'error 404 on the help page'],
  ['cannot upload photos', 'photos are upside down'],
];

t.test('two people who tell us the same thing are put together, and no others', async (t) => {
  const { db } = await freshDatabase(t, 'embedded');
  const all = [...alike, ...apart].flat();
  const { rows } = await sql<{ stems: string[] }>`
    select tsvector_to_array(search_stems(text) || search_joined(text)) as stems
    from unnest(${all}::text[]) with ordinality as said (text, n) order by n`.execute(db);
  const stems = new Map(all.map((text, n) => [text, readStems(rows[n]!.stems)]));
  for (const [pairs, wanted] of [
    [alike, true],
    [apart, false],
  ] as const) {
    for (const [one, other] of pairs) {
      const [a, b] = [stems.get(one)!, stems.get(other)!];
      const said = `"${one}" and "${other}": ${likeness(a, b).toFixed(2)} [${a}] [${b}]`;
      t.equal(likeness(a, b) >= alikeFrom, wanted, said);
      t.equal(likeness(a, b), likeness(b, a), 'either way round');
    }
  }
});

const nineWays = [...alike.slice(0, 9).map(([, said]) => said), empty];

t.test('a heading is the sentence that says in the fewest words what most of them say', async (t) => {
  for (const [messages, heading] of [
    [[], ''],
    [['empty'], 'empty'],
    [nineWays, 'export gives an empty file'],
    [['empty', 'The export is empty', 'When I use the export it is empty'], 'The export is empty'],
    [['Hello, the export is empty. I tried it twice.'], 'the export is empty'],
    [['Hi there! Good morning, my export is empty\nThanks'], 'my export is empty Thanks'],
  ] as const) {
    t.equal(headlineOf(messages), heading);
  }
});

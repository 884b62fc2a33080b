import t from 'tap';
import { bareAddress, type SecretKind, stretchesOf, takeOut } from '../../src/domain/secrets.ts';
import { codeOf, readCode } from '../../src/domain/short-code.ts';
import { bestFirst, helpedWords } from '../../src/domain/ways-around.ts';
import { findSecrets } from '../../src/find-secrets.ts';

/** A sentence, what is found in it, and as what. */
type Case = [text: string, ...found: [what: string, kind: SecretKind][]];

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
// In two pieces, so that nobody who looks through this repository for keys takes them for real ones.
const github = `ghp_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}`;
const stripe = `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`;
const cloud = `AKIA${'2QWERTYUIOPASDFG'}`;
const cloudSecret = `wJalrXUtnFEMI/${'K7MDENG/bPxRfiCYzEXAMPLEKEY'}`;
const project = `sk-proj-${'Ab12Cd34Ef56Gh78Ij90KlMn'}`;
const slack = `xoxb-${'123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx'}`;
const block = `-----BEGIN RSA ${'PRIVATE'} KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA ${'PRIVATE'} KEY-----`;

const found: Case[] = [
  ['I paid with 4111 1111 1111 1111, twice.', ['4111 1111 1111 1111', 'card']],
  ['4111-1111-1111-1111', ['4111-1111-1111-1111', 'card']],
  ['card 5555555555554444.', ['5555555555554444', 'card']],
  ['amex 3782 822463 10005', ['3782 822463 10005', 'card']],
  ['IBAN DE89 3704 0044 0532 0130 00 please', ['DE89 3704 0044 0532 0130 00', 'iban']],
  ['to gb82west12345698765432', ['gb82west12345698765432', 'iban']],
  ['Password: sunshine', ['sunshine', 'password']],
  ['my password is Tr0ub4dor&3, and it fails', ['Tr0ub4dor&3', 'password']],
  ['pw is hunter2', ['hunter2', 'password']],
  ['my password is sunshine.', ['sunshine.', 'password']],
  ['password = "correct horse"', ['correct horse', 'password']],
  ['Mein Passwort ist geheim42', ['geheim42', 'password']],
  ['contraseña: perro.azul7', ['perro.azul7', 'password']],
  ['pin 1234 does not work', ['1234', 'code']],
  ['the CVV is 737', ['737', 'code']],
  ['the login code: 482913', ['482913', 'code']],
  ['I am ana.lopez+shop@mail.example, write to me', ['ana.lopez+shop@mail.example', 'address']],
  ['<jürgen@bücher.example>', ['jürgen@bücher.example', 'address']],
  [`it sends ${jwt} there`, [jwt, 'token']],
  ['Authorization: Bearer abcdef0123456789abcdef', ['abcdef0123456789abcdef', 'token']],
  ['api_key=9f8e7d6c5b4a39281706', ['9f8e7d6c5b4a39281706', 'token']],
  [`the key ${github} is refused`, [github, 'token']],
  [slack, [slack, 'token']],
  [block, [block, 'key']],
  ['ftp://ana:geheim@files.example/x', ['ana:geheim', 'login']],
  ['https://a.example/in?token=abc123def456&x=1', ['abc123def456', 'link']],
  [
    'https://status.example/r/abcdefghijklABCDEFGHIJKLMNOPQRSTUVWXYZabcdef',
    ['abcdefghijklABCDEFGHIJKLMNOPQRSTUVWXYZabcdef', 'link'],
  ],
  [`API key ${stripe}`, [stripe, 'token']],
  [`AWS ${cloud}`, [cloud, 'token']],
  [`secret ${cloudSecret}`, [cloudSecret, 'token']],
  [cloudSecret.replace('z', ''), [cloudSecret.replace('z', ''), 'token']],
  ['sk-aB3dE5fG7hJ9kL1mN2pQ', ['sk-aB3dE5fG7hJ9kL1mN2pQ', 'token']],
  [`my ${project} is refused`, [project, 'token']],
  ['Password hunter2 does not work', ['hunter2', 'password']],
  ['my pw hunter2', ['hunter2', 'password']],
  ['the password "hunter2" fails', ['hunter2', 'password']],
  ['login: anna / Sommer2024!', ['Sommer2024!', 'password']],
  ['user anna pass Sommer2024!', ['Sommer2024!', 'password']],
  ['my password "correct horse battery" does not work', ['correct horse battery', 'password']],
  ['password: correct horse battery', ['correct horse battery', 'password']],
  ['password: correct horse battery staple.', ['correct horse battery staple', 'password']],
  [
    'see https://x.example/reset/9f8c2d1e7b6a4f3e9d2c1a0b9c8d7e6f please',
    ['9f8c2d1e7b6a4f3e9d2c1a0b9c8d7e6f', 'link'],
  ],
  ['https://x.example/password-reset/aB3dE5fG7hJ9kL1mN2pQ4r', ['aB3dE5fG7hJ9kL1mN2pQ4r', 'link']],
  ['account number 12345678 sort code 20-00-00', ['12345678', 'iban'], ['20-00-00', 'iban']],
  ['my K7QF-2M1N-R4 leads nowhere', ['K7QF-2M1N-R4', 'report']],
  ['my code is k7qf 2m1n r4', ['k7qf 2m1n r4', 'report']],
  ['my pin 1234 error', ['1234', 'code']],
  ['pin 1234, and ana@mail.example too', ['1234', 'code'], ['ana@mail.example', 'address']],
];

t.test('what is private is found where it stands, and called what it is', async (t) => {
  for (const [text, ...wanted] of found) {
    const spans = await findSecrets(text);
    t.same(
      spans.map(({ start, end, kind }) => [text.slice(start, end), kind]),
      wanted,
      text,
    );
  }
});

const nothing = [
  'The publish button does nothing since 2026-11-21 14:05:33, in version 4.12.3.',
  'Order 4111-2222-3333-4445 never came', // no card: the check digit is wrong
  'Order number 1234567890123456',
  'invoice 2026112100004711 of 21.11.2026',
  'It is 9f8c2d1e-7b6a-4f3e-9d2c-1a0b9c8d7e6f',
  'since commit 3e971f1a2b4c5d6e7f8091a2b3c4d5e6f7081920',
  'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'Call me on +49 170 1234 5678 901 or 0049 (30) 1234-5678',
  'build 20261121.0914, error code 500123, 1763719533000',
  'the password is wrong',
  'my password was not accepted, and the password is case sensitive',
  'Password: required. The password field is empty.',
  'password: ********',
  'It says “invalid password”. The password is too short?',
  'I reset my password: nothing happens then',
  'the pin on the map is 3 km off; pinned 12 tabs',
  'our tan table, 4 legs',
  'a token: missing; the token is expired',
  'icon@2x.png and git@github.com:a/b.git, react@18.2.0, ask @support, 5 @ 3.50',
  'https://a.example/list?page=2&sort=name&code=en&q=where+is+my+token',
  'https://a.example:8080/path, see http://[::1]:3000/',
  'I write to help@paperboat.example',
  'DE12 is a size, DE89 3704 0044 0532 0130 01 no account, and GB99 no more',
  'security code 404 error',
  'My PIN code 500 error',
  'password reset does not work, nor the password field, nor my password manager',
  'my password does not work',
  'pass the test, 12 pass: 1024, pass test2 and user anna cannot pass Checkpoint',
  'password: page stays blank',
  'Password: must be at least eight characters',
  'password: not accepted by the form.',
  'It says my password "does not match", and the password "show" button is gone',
  'password ERR_1045, password PB-1023, the password 1st try, Password v2.3.1',
  'Login: Chrome / Windows11, login: works / fails',
  'login page2024 in /home/Anna/Documents2024/Projects/ClientAB',
  'https://x.example/reset/how-to-reset-my-password-on-2-devices',
  'my account number 12345678 shows nothing',
  'The sort code field is empty; the session Workshop2024 is full, the secret Garden',
  'sk-circle-fade-dot-12 is a class, ABCD-EFGH-JK a part, 1234-5678-90 an order',
  'the code list is long, code Red',
  'the pin needs 100 characters',
  'bearer of bad news, basic understanding',
  'The secret: there is none. secretlint-disable',
];

t.test('what only looks like it is left alone', async (t) => {
  for (const text of nothing) {
    const spans = await findSecrets(text, ['Help@paperboat.example']);
    t.same(
      spans.map(({ start, end, kind }) => [text.slice(start, end), kind]),
      [],
      text,
    );
  }
});

t.test('what is found is taken out and nothing else', async (t) => {
  const text = 'I typed 4111 1111 1111 1111\nand pin 1234. <b>';
  const spans = await findSecrets(text);
  t.equal(
    takeOut(text, spans),
    'I typed [a card number, taken out]\nand pin [a secret number, taken out]. <b>',
  );
  t.equal(
    stretchesOf(text, spans)
      .map((one) => one.text)
      .join(''),
    text,
  );
  t.same(await findSecrets(takeOut(text, spans)), [], 'and nothing is left to ask about');
  t.equal(
    bareAddress('https://ana:pw@shop.example:8443/basket/7?token=abc#top'),
    'https://shop.example:8443/basket/7',
  );
  t.equal(
    bareAddress('https://shop.example/reset/9f8c2d1e7b6a4f3e9d2c1a0b9c8d7e6f'),
    'https://shop.example/reset/',
  );
});

t.test('no text makes the search wander', async (t) => {
  const beginnings = [
    'password is ',
    'eyJaaaaaaaa.',
    '-----BEGIN PRIVATE KEY-----',
    'a@a.',
    '4111 ',
    '?token=',
    'http://a:',
    'DE89 ',
    'token="',
    'aA1.',
    'password: a b c ',
    'login: a / ',
    'user a pass ',
    'my password "',
    '/reset/a/',
    'account 1234567 ',
  ];
  for (const beginning of beginnings) {
    const text = beginning.repeat(Math.ceil(65_536 / beginning.length));
    t.ok(Array.isArray(await findSecrets(text)), beginning); // one that wanders does not come back in a test's time
  }
});

t.test('a code is read as people copy it', (t) => {
  const code = codeOf(Uint8Array.from([1, 200, 33, 47, 255, 96, 7, 9]));
  t.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}$/);
  const cases: [typed: string, code: string][] = [
    ['K7QF-2M10-R4', 'K7QF-2M10-R4'],
    [' k7qf 2m10r4 ', 'K7QF-2M10-R4'],
    ['k7qf–2mlo–r4.', 'K7QF-2M10-R4'],
    ['K7QF2MIOR4', 'K7QF-2M10-R4'],
    ['Ｋ7QF-2M10-R4', 'K7QF-2M10-R4'],
    ['K7QF-2M10-R', 'K7QF2M10R'],
    ['', ''],
  ];
  for (const [typed, wanted] of cases) t.equal(readCode(typed), wanted, typed);
  const drawn = new Set(
    Array.from({ length: 500 }, (_, n) => codeOf(Uint8Array.from([n, n >> 8, 7, n, 1, 2, n]))),
  );
  t.equal(drawn.size, 500, 'other bytes, another code');
  t.end();
});

t.test('the way around that helped most stands first, of equal ones the newer', (t) => {
  const way = (name: string, helped: number, day: number) => ({
    name,
    helped,
    published_at: new Date(Date.UTC(2026, 10, day)),
  });
  const order = [way('b', 2, 1), way('a', 9, 1), way('d', 0, 3), way('c', 2, 2)].sort(bestFirst);
  t.equal(order.map((one) => one.name).join(''), 'acbd');
  t.same([0, 1, 1200].map(helpedWords), ['', 'It helped one person.', 'It helped 1,200 people.']);
  t.end();
});

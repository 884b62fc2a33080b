import t from 'tap';
import { readList } from '../../src/reports/read-list.ts';

t.test('a list of people is read however it was pasted', async (t) => {
  const cases: [string, object[]][] = [
    ['', []],
    ['ana@example.com', [{ line: 1, email: 'ana@example.com' }]],
    [
      'ana@example.com, bob@example.com;cy@example.com\n\n dee@example.com ',
      [
        { line: 1, email: 'ana@example.com' },
        { line: 1, email: 'bob@example.com' },
        { line: 1, email: 'cy@example.com' },
        { line: 3, email: 'dee@example.com' },
      ],
    ],
    [
      '"Ana Bell" <ana@example.com>\r\nBob <bob@example.com>',
      [
        { line: 1, email: 'ana@example.com', name: 'Ana Bell' },
        { line: 2, email: 'bob@example.com', name: 'Bob' },
      ],
    ],
    [
      'Name,Email\nAna,ana@example.com\n"Bell, Bob",bob@example.com',
      [
        { line: 2, email: 'ana@example.com', name: 'Ana' },
        { line: 3, email: 'bob@example.com', name: 'Bell, Bob' },
      ],
    ],
    [
      '\ufeffE-Mail;Words;Shoe size\nana@example.com;"It, too";39\n;nothing;1',
      [
        { line: 2, email: 'ana@example.com', message: 'It, too' },
        { line: 3, email: '', message: 'nothing' },
      ],
    ],
    ['email\tname\nana@example.com\tAna', [{ line: 2, email: 'ana@example.com', name: 'Ana' }]],
    ['not an address', [{ line: 1, email: 'not an address' }]],
  ];
  for (const [text, people] of cases) t.same(readList(text), people, JSON.stringify(text.slice(0, 40)));
});

t.test('a table that is none, and far too many people, are refused in words', async (t) => {
  t.throws(() => readList('email,name\n"ana@example.com,never closed'), { message: /no CSV table/ });
  t.throws(() => readList('a@example.com\n'.repeat(10_001)), { message: /10001 people; we can take 10000/ });
  t.throws(() => readList(`email\n${'a@example.com\n'.repeat(10_001)}`), { message: /we can take 10000/ });
  t.equal(readList('a@example.com\n'.repeat(10_000)).length, 10_000);
});

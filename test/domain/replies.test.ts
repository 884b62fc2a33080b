import t from 'tap';
import { type ReplyFacts, replyAbout, replyOfNew } from '../../src/domain/replies.ts';

const now = new Date('2026-11-21T12:00:00.000Z');
const bug: ReplyFacts = {
  kind: 'bug',
  status: 'investigating',
  resolution: null,
  title: 'Export gives an empty file',
  workaround: null,
  nextUpdateAt: null,
  resolvedAt: null,
  url: 'https://status.example.com/issues/aaaaaaaaaaaa',
  followed: false,
};
const over = { status: 'resolved', resolvedAt: new Date('2026-11-20T09:30:00.000Z') } as const;
const work = { kind: 'maintenance', title: 'Moving house' } as const;

const table: [what: string, facts: Partial<ReplyFacts>, says: RegExp[], never: RegExp[]][] = [
  [
    'a bug',
    {},
    [
      /We know about this: “Export gives an empty file”\. It is not your fault\./,
      /not found the cause yet/,
      /no way around it yet/,
      /issues\/aaaaaaaaaaaa/,
      /tell me your mail address/,
    ],
    [/say more by/],
  ],
  ['with a way around', { workaround: 'Choose CSV.' }, [/meanwhile: Choose CSV\./], [/no way around/]],
  ['a cause', { status: 'identified' }, [/We found the cause/], []],
  [
    'a promise',
    { nextUpdateAt: new Date('2026-11-23T12:00:00Z') },
    [/We say more by 23 November 2026, 12:00 UTC, even if there is nothing new/],
    [/sorry/],
  ],
  [
    'a broken promise',
    { nextUpdateAt: new Date('2026-11-20T12:00:00Z') },
    [/had promised to say more by 20 November 2026, 12:00 UTC and have not done so yet\. I am sorry/],
    [],
  ],
  [
    'an address noted',
    { followed: true },
    [/Your address is noted: we write to you once it is over/],
    [/tell me your mail address/],
  ],
  [
    'a fix',
    { ...over, resolution: 'fixed' },
    [/It is fixed since 20 November 2026, 09:30 UTC/, /If it goes wrong for you now, that counts/],
    [/We know about this/, /meanwhile/],
  ],
  [
    'what stays',
    { ...over, resolution: 'wont_fix' },
    [/we will not change it/, /not your fault/],
    [/fixed since/],
  ],
  [
    'what we could not see',
    { ...over, resolution: 'not_reproducible' },
    [/does not mean that it did not happen to you/],
    [/fixed since/],
  ],
  ['a mistake of ours', { ...over, resolution: 'retracted' }, [/by mistake/], [/fixed since/]],
  [
    'work ahead',
    { ...work, status: 'scheduled' },
    [/planned: “Moving house”/, /It has not begun/],
    [/no way around/, /not your fault/],
  ],
  ['work under way', { ...work, status: 'in_progress' }, [/not your fault/], []],
  [
    'work done',
    { ...work, status: 'completed', resolvedAt: over.resolvedAt },
    [/it is done/],
    [/fixed since/],
  ],
];

t.test('a reply says what we know, what to do meanwhile and when we say more', async (t) => {
  for (const [what, facts, says, never] of table) {
    const reply = replyAbout({ ...bug, ...facts }, now);
    for (const words of says) t.match(reply, words, what);
    for (const words of [...never, /user error|as expected|clear your cache|inconvenience/i, /\n{3}/])
      t.notMatch(reply, words, what);
    t.match(reply, /^Hello,\n\nThank you/);
  }
});

t.test('a reply about what nobody knew', async (t) => {
  t.match(replyOfNew(true), /do not know this one yet[\s\S]*We write to you as soon as/);
  t.match(replyOfNew(false), /If you tell me your mail address/);
});

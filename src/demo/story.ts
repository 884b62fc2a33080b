import type { Chapter } from './chapter.ts';

/** The sample company's name: it makes small web shops and newsletters. */
export const company = 'Paper Boat';

export const parts = [
  { name: 'Editor', group: 'Sites' },
  { name: 'Publishing', group: 'Sites' },
  { name: 'Pictures', group: 'Sites' },
  { name: 'Checkout', group: 'Shops' },
  { name: 'Payouts', group: 'Shops' },
  { name: 'Newsletters', group: 'Mail' },
];

export const chapters: Chapter[] = [
  {
    key: 'publish',
    kind: 'incident',
    impact: 'major',
    title: 'The publish button does nothing for some sites',
    parts: [
      ['Publishing', 'partial_outage'],
      ['Editor', 'degraded_performance'],
    ],
    workaround:
      'Your text is saved. Use **Publish at…** with a time five minutes ahead: that way works. Please do not rebuild your page, nothing in it is wrong.',
    beganHoursAgo: 3.2,
    people: 14,
    voices: ['I pressed it five times, then thought it was my browser.', 'Same here, on two sites.'],
    said: [
      {
        hoursAgo: 3,
        status: 'investigating',
        message:
          'Pressing **Publish** does nothing for about one site in ten. It is not your fault and nothing is lost. We are looking for the cause.',
      },
      {
        hoursAgo: 2.1,
        status: 'investigating',
        message:
          'We have not found the cause yet. We know now that only sites with more than 50 pages have it.',
        before: 'We have not found the cause yet. Only sites with more than 500 pages have it.',
      },
      {
        hoursAgo: 0.6,
        status: 'identified',
        message:
          'Found: a limit we set last night is too low for larger sites. We are raising it one server at a time.',
        nextInHours: 0.7,
      },
    ],
  },
  {
    key: 'late-mail',
    kind: 'incident',
    impact: 'minor',
    title: 'Newsletters arrive up to two hours late',
    parts: [['Newsletters', 'degraded_performance']],
    people: 5,
    said: [
      {
        hoursAgo: 6,
        status: 'investigating',
        message: 'Newsletters leave us late since this morning. All of them will arrive, none twice.',
      },
      {
        hoursAgo: 4,
        status: 'investigating',
        message: 'One of our mail servers is refused by a large mail provider. We have asked them why.',
        nextInHours: -0.5,
      },
    ],
  },
  {
    key: 'sideways',
    kind: 'bug',
    impact: 'minor',
    title: 'Photos from some phones are shown sideways',
    parts: [['Pictures', 'degraded_performance']],
    affected: [
      { trait: 'version', from: '3.0', before: '3.4' },
      { trait: 'browser', any_of: ['Safari', 'Samsung Internet'] },
    ],
    workaround: 'Open the photo on your phone, rotate it once all the way round, save, and upload that one.',
    people: 9,
    voices: ['Every picture of my bakery lies on its side.'],
    said: [
      { hoursAgo: 240, status: 'investigating', message: 'Photos taken upright may lie on their side.' },
      { hoursAgo: 150, status: 'identified', message: 'We ignore a mark that newer phones set.' },
      {
        hoursAgo: 20,
        status: 'monitoring',
        message: 'New uploads stand upright again. We are turning the old ones, which takes until Thursday.',
        nextInHours: 30,
      },
    ],
  },
  {
    key: 'accents',
    kind: 'bug',
    impact: 'minor',
    title: 'The customer list loses accents in the spreadsheet export',
    workaround: 'In the spreadsheet program choose “import” instead of “open”, and UTF-8 as the encoding.',
    people: 3,
    said: [
      {
        hoursAgo: 500,
        status: 'identified',
        message: '“Zoé” becomes “ZoÃ©”. It is ours to fix; it will be in the next version.',
      },
    ],
  },
  {
    key: 'move',
    kind: 'maintenance',
    impact: 'none',
    title: 'We move the shop database to a larger machine',
    parts: [['Checkout', 'under_maintenance']],
    planned: { inHours: 52, untilHours: 53 },
    said: [
      {
        hoursAgo: 70,
        status: 'scheduled',
        message: 'Shops stay open. For up to ten minutes in this hour nobody can pay.',
      },
    ],
  },
  {
    key: 'checkout',
    kind: 'incident',
    impact: 'critical',
    title: 'Nobody could pay by card',
    parts: [['Checkout', 'major_outage']],
    people: 21,
    said: [
      { hoursAgo: 80, status: 'investigating', message: 'Card payments fail in all shops since 10:12.' },
      {
        hoursAgo: 79.5,
        status: 'identified',
        message: 'A certificate of ours ran out. That should not happen, and it was our mistake.',
      },
      {
        hoursAgo: 79,
        status: 'resolved',
        message:
          'Cards work again. No card was charged twice. We now watch the dates of all certificates, and two people are told.',
      },
    ],
  },
  {
    key: 'drafts',
    kind: 'bug',
    impact: 'minor',
    title: 'Drafts vanish from the list after renaming a folder',
    affected: [{ trait: 'region', any_of: ['Europe', 'North America', 'Asia'] }],
    people: 4,
    said: [
      {
        hoursAgo: 400,
        status: 'investigating',
        message: 'Drafts are safe, but the list does not show them.',
      },
      {
        hoursAgo: 300,
        status: 'resolved',
        message: 'The list shows every draft again. We mend one region after the other.',
        fixedFor: [{ trait: 'region', any_of: ['Europe', 'North America'] }],
      },
    ],
  },
  {
    key: 'old-tablets',
    kind: 'bug',
    impact: 'none',
    title: 'The editor is slow on tablets from before 2016',
    people: 2,
    said: [
      { hoursAgo: 900, status: 'identified', message: 'Old tablets have too little memory for our editor.' },
      {
        hoursAgo: 700,
        status: 'resolved',
        resolution: 'wont_fix',
        message:
          'We will not fix this: it would make the editor poorer for all. The simple editor at /simple works well there.',
      },
    ],
  },
  {
    key: 'twice',
    kind: 'bug',
    impact: 'none',
    title: 'Visitors are counted twice on Mondays',
    said: [
      { hoursAgo: 620, status: 'investigating', message: 'Two of you told us of this. We are counting too.' },
      {
        hoursAgo: 450,
        status: 'resolved',
        resolution: 'not_reproducible',
        message: 'In three weeks we could not make it happen. If you see it again, tell us: we believe you.',
      },
    ],
  },
  {
    key: 'upside-down',
    kind: 'bug',
    impact: 'none',
    title: 'Pictures stand on their head',
    said: [
      { hoursAgo: 235, status: 'investigating', message: 'Some pictures are shown upside down.' },
      {
        hoursAgo: 230,
        status: 'resolved',
        resolution: 'duplicate',
        message: 'This is the same as “Photos from some phones are shown sideways”; please follow that one.',
      },
    ],
  },
];

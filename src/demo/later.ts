import type { Chapter } from './chapter.ts';

/** Issues that customers told us of first: fixed and asked about, doubted, and come back. */
export const laterChapters: Chapter[] = [
  {
    key: 'receipts',
    kind: 'incident',
    impact: 'minor',
    title: 'Receipts come without the tax number',
    parts: [['Checkout', 'degraded_performance']],
    said: [
      {
        hoursAgo: 51.5,
        status: 'investigating',
        message:
          'Receipts since this morning lack your tax number. The sums are right, and you did nothing wrong.',
        nextInHours: -49,
      },
      {
        hoursAgo: 49.4,
        status: 'identified',
        message: 'We renamed a field and forgot the receipts. The number is coming back.',
        nextInHours: -47,
        movedTo: { hoursAgo: 47.3, nextInHours: -45 },
      },
      {
        hoursAgo: 45.2,
        status: 'resolved',
        message:
          'New receipts have the number again. Older ones are mended too: open them once more and save them.',
      },
    ],
  },
  {
    key: 'calendar',
    kind: 'bug',
    impact: 'minor',
    title: 'Opening hours are off by one hour',
    parts: [['Publishing', 'degraded_performance']],
    said: [
      {
        hoursAgo: 33,
        status: 'identified',
        message: 'We forgot that the clocks had changed. What you typed is right; we show it wrong.',
        nextInHours: -29,
      },
      { hoursAgo: 27, status: 'resolved', message: 'Opening hours are shown as you typed them.' },
    ],
  },
  {
    key: 'hidden',
    kind: 'bug',
    impact: 'minor',
    title: 'A hidden product can still be found by its picture',
    affected: [{ trait: 'plan', any_of: ['Shop', 'Shop plus'] }],
    said: [
      {
        hoursAgo: 98,
        status: 'identified',
        message:
          'The search by picture forgets that a product is hidden. We told one of you otherwise; that was wrong.',
        nextInHours: -90,
      },
      {
        hoursAgo: 92,
        status: 'resolved',
        message: 'Hidden products stay hidden, in the search by picture too.',
      },
    ],
  },
  {
    key: 'search',
    kind: 'incident',
    impact: 'minor',
    title: 'The search in shops finds nothing',
    said: [
      {
        hoursAgo: 190,
        status: 'investigating',
        message: 'The search answers “nothing found” to every word.',
      },
      {
        hoursAgo: 188,
        status: 'resolved',
        message: 'We built the list that it searches anew. It finds all again.',
      },
    ],
  },
  {
    key: 'search-again',
    kind: 'incident',
    impact: 'minor',
    title: 'The search in shops finds nothing again',
    returnOf: 'search',
    said: [
      {
        hoursAgo: 7.5,
        status: 'investigating',
        message:
          'It is back: the list is empty again. This time only shops with more than one language have it.',
        nextInHours: 3,
      },
    ],
  },
];

import type { Trx } from '../db.ts';
import type { Verdict } from '../domain/words.ts';
import { answerReport } from '../reports/answer-report.ts';
import { fileReport } from '../reports/file-report.ts';
import { linkReport } from '../reports/link-report.ts';
import { offerWorkaround } from '../reports/offer-workaround.ts';
import { publishWorkaround } from '../reports/publish-workaround.ts';
import { sayWhetherItWorked } from '../reports/worked.ts';

/** Somebody who told us, and all that came of it; each at its own time, in hours ago. */
interface Voice {
  name: string;
  told: [hoursAgo: number, message: string];
  /** What we said before we knew better. */
  answered?: [hoursAgo: number, verdict: Verdict, message: string];
  linked: [hoursAgo: number, chapter: string];
  offered?: [hoursAgo: number, text: string];
  /** That way around, in the words of staff. */
  published?: [hoursAgo: number, body: string];
  works?: [hoursAgo: number, worked: boolean, comment?: string];
}

const voices: Voice[] = [
  {
    name: 'Ines',
    told: [52.1, 'My receipts have no tax number any more. My accountant asks what I did.'],
    linked: [51.4, 'receipts'],
    works: [44, true],
  },
  {
    name: 'Tomasz',
    told: [51.9, 'No tax number on the receipt'],
    linked: [51.4, 'receipts'],
    offered: [50.5, 'I wrote the number into the line under my address, that is on every receipt.'],
    published: [
      50.1,
      'Write your tax number into the line under your address: it is printed on every receipt.',
    ],
    works: [43, true, 'Thank you for mending the old ones too.'],
  },
  { name: 'Aiko', told: [51.7, 'receipt misses tax id'], linked: [51.3, 'receipts'], works: [40, true] },
  {
    name: 'Noor',
    told: [50.8, 'The tax number is gone from my receipts.'],
    linked: [50.7, 'receipts'],
    works: [38, true],
  },
  {
    name: 'Paulo',
    told: [50.2, 'Receipts without tax number, since today'],
    linked: [50, 'receipts'],
    works: [37, false, 'The receipts from Tuesday still lack it.'],
  },
  {
    name: 'Greta',
    told: [34, 'My site says that I open at ten. I open at nine.'],
    linked: [32.9, 'calendar'],
    works: [20, false, 'It still says ten, on my phone as well.'],
  },
  {
    name: 'Femi',
    told: [33.6, 'opening hours wrong by one hour'],
    linked: [32.9, 'calendar'],
    works: [18, false, 'Only Sundays are wrong now.'],
  },
  {
    name: 'Lucie',
    told: [33.2, 'Opening hours moved by an hour over night'],
    linked: [32.8, 'calendar'],
    works: [12, false],
  },
  { name: 'Omar', told: [32, 'Wrong opening hours'], linked: [31.8, 'calendar'], works: [10, true] },
  {
    name: 'Hana',
    told: [
      130,
      'I hid a cup that broke, and somebody ordered it all the same. He says he found it by its picture.',
    ],
    answered: [
      121,
      'not_reproducible',
      'We hid a product and could not find it anywhere. If you see it again, tell us: we believe you.',
    ],
    linked: [97.8, 'hidden'],
    works: [80, true],
  },
  {
    name: 'Ravi',
    told: [190.4, 'The search in my shop is dead.'],
    linked: [189.9, 'search'],
    works: [180, true],
  },
  {
    name: 'Sofia',
    told: [8.2, 'Nobody finds anything in my shop, in Italian nor in German.'],
    linked: [7.4, 'search-again'],
    offered: [
      2.5,
      'Choose one language in the settings of the search: then it finds everything in that one.',
    ],
  },
  {
    name: 'Bea',
    told: [141, 'Photos lie on their side'],
    linked: [140, 'sideways'],
    offered: [120, 'Taking the photo with the flash on keeps it upright. No idea why.'],
    published: [118, 'A photo taken with the flash on stays upright.'],
  },
];

type Told = { ids: Map<string, string>; at: (hoursAgo: number) => Date };

/** What each of them and we did, one deed a step; in no order. */
export function stepsOfVoices(trx: Trx, told: Told): { hoursAgo: number; take: () => Promise<unknown> }[] {
  return voices.flatMap((voice) => stepsOf(trx, voice, told));
}

function stepsOf(trx: Trx, voice: Voice, { ids, at }: Told) {
  const { name, told, answered, linked, offered, published, works } = voice;
  const email = `${name.toLowerCase()}@customers.example`;
  const step = (hoursAgo: number, take: (now: Date) => Promise<unknown>) => ({
    hoursAgo,
    take: () => take(at(hoursAgo)),
  });
  let id = '';
  return [
    step(told[0], async (now) => {
      id = (await fileReport(trx, { message: told[1], name, email, source: 'form' }, now)).id;
    }),
    answered &&
      step(answered[0], (now) => answerReport(trx, id, { verdict: answered[1], message: answered[2] }, now)),
    step(linked[0], (now) => linkReport(trx, id, ids.get(linked[1])!, now)),
    offered && step(offered[0], (now) => offerWorkaround(trx, id, { text: offered[1], credit: name }, now)),
    published && step(published[0], (now) => publish(trx, id, published[1], now)),
    works &&
      step(works[0], (now) =>
        sayWhetherItWorked(trx, id, { worked: works[1], comment: works[2] ?? null }, now),
      ),
  ].filter((one) => one !== undefined);
}

async function publish(trx: Trx, reportId: string, body: string, now: Date): Promise<void> {
  const { id } = await trx
    .selectFrom('workaround')
    .select('id')
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
  await publishWorkaround(trx, id, { body, credited: true }, now);
}

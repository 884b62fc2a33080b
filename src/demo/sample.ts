import type { Db, Trx } from '../db.ts';
import { changeIssue } from '../issues/change-issue.ts';
import { addComponent } from '../issues/components.ts';
import { openIssue } from '../issues/open-issue.ts';
import { editUpdate, postUpdate } from '../issues/post-update.ts';
import { countAsSent } from '../notifications/count-as-sent.ts';
import { addReports } from '../reports/add-reports.ts';
import { answerReport } from '../reports/answer-report.ts';
import { fileReport, meToo } from '../reports/file-report.ts';
import { linkReport } from '../reports/link-report.ts';
import type { Chapter, Said } from './chapter.ts';
import { laterChapters } from './later.ts';
import { chapters, parts } from './story.ts';
import { type Stranger, strangers } from './strangers.ts';
import { stepsOfVoices } from './voices.ts';

/** Fills an empty database with the story of a small company, told by the real verbs at times before `now`. */
export async function fillDemo(db: Db, now: Date): Promise<{ broken: string; fixed: string }> {
  return db.transaction().execute(async (trx) => {
    const at = (hoursAgo: number) => new Date(now.getTime() - hoursAgo * 3_600_000);
    const componentIds = new Map<string, string>();
    for (const { name, group } of parts) {
      const made = await addComponent(trx, { name, group }, at(9_000));
      componentIds.set(name, made.id);
    }
    const ids = new Map<string, string>();
    const steps = [
      ...[...chapters, ...laterChapters].flatMap((chapter) =>
        stepsOf(trx, chapter, { componentIds, ids, at }),
      ),
      ...strangers.flatMap((stranger) => stepsOfStranger(trx, stranger, { ids, at })),
      ...stepsOfVoices(trx, { ids, at }),
    ].sort((one, other) => other.hoursAgo - one.hoursAgo);
    for (const { take } of steps) await take();
    await countAsSent(trx, at(0.5));
    return { broken: ids.get('publish')!, fixed: ids.get('checkout')! };
  });
}

/** One deed of the story. All are done in the order of time, so that the ledger tells them as they would have come. */
interface Step {
  hoursAgo: number;
  take: () => Promise<unknown>;
}

interface Told {
  componentIds: Map<string, string>;
  /** The issues that were opened so far, by the keys of their chapters. */
  ids: Map<string, string>;
  at: (hoursAgo: number) => Date;
}

function stepsOf(trx: Trx, chapter: Chapter, { componentIds, ids, at }: Told): Step[] {
  const [first, ...later] = chapter.said;
  const inHours = (hours: number | undefined) => (hours === undefined ? {} : { next_update_at: at(-hours) });
  const id = () => ids.get(chapter.key)!;
  const open = async () => {
    const body = {
      title: chapter.title,
      kind: chapter.kind,
      impact: chapter.impact,
      message: first.message,
      ...(chapter.affected ? { affected: chapter.affected } : {}),
      ...(chapter.returnOf ? { return_of: ids.get(chapter.returnOf)! } : {}),
      components: (chapter.parts ?? []).map(([name, status]) => ({ id: componentIds.get(name)!, status })),
      ...inHours(first.nextInHours),
      ...(chapter.planned
        ? { scheduled_for: at(-chapter.planned.inHours), scheduled_until: at(-chapter.planned.untilHours) }
        : { started_at: at(chapter.beganHoursAgo ?? first.hoursAgo) }),
    };
    ids.set(chapter.key, await openIssue(trx, body, at(first.hoursAgo)));
  };
  const soon = first.hoursAgo - 0.02;
  const others = async () => {
    if (chapter.workaround) await changeIssue(trx, id(), { workaround: chapter.workaround }, at(soon));
    const people = Array.from({ length: chapter.people ?? 0 }, (_, n) => ({
      email: `${chapter.key}-${n + 1}@customers.example`,
      source: 'tickets',
    }));
    if (people.length > 0) await addReports(trx, id(), people, at(soon));
    for (const message of chapter.voices ?? []) await meToo(trx, id(), { message }, at(soon));
  };
  return [
    { hoursAgo: first.hoursAgo, take: open },
    { hoursAgo: soon, take: others },
    ...later.flatMap((said) => stepsOfUpdate(trx, said, id, at)),
  ];
}

function stepsOfUpdate(trx: Trx, said: Said, issue: () => string, at: Told['at']): Step[] {
  const { hoursAgo, status, message, before, resolution, fixedFor, nextInHours, movedTo } = said;
  const body = {
    status,
    message: before ?? message,
    ...(resolution ? { resolution } : {}),
    ...(fixedFor ? { fixed_for: fixedFor } : {}),
    ...(nextInHours === undefined ? {} : { next_update_at: at(-nextInHours) }),
  };
  let posted = '';
  const post = async () => {
    posted = (await postUpdate(trx, issue(), body, at(hoursAgo))).id;
  };
  const edited = hoursAgo - 0.2;
  return [
    { hoursAgo, take: post },
    ...(before
      ? [{ hoursAgo: edited, take: () => editUpdate(trx, issue(), posted, message, at(edited)) }]
      : []),
    ...(movedTo ? [stepOfMove(trx, movedTo, issue, at)] : []),
  ];
}

function stepOfMove(
  trx: Trx,
  { hoursAgo, nextInHours }: NonNullable<Said['movedTo']>,
  issue: () => string,
  at: Told['at'],
): Step {
  const patch = { next_update_at: at(-nextInHours) };
  return { hoursAgo, take: () => changeIssue(trx, issue(), patch, at(hoursAgo)) };
}

/** What came in by the report form: some of it waits, some was linked to a known issue, some was answered. */
function stepsOfStranger(
  trx: Trx,
  { hoursAgo, linkedTo, answer, ...said }: Stranger,
  { ids, at }: Pick<Told, 'ids' | 'at'>,
): Step[] {
  let report = '';
  const file = async () => {
    report = (await fileReport(trx, { ...said, source: 'form' }, at(hoursAgo))).id;
  };
  const then = hoursAgo / 2;
  return [
    { hoursAgo, take: file },
    ...(linkedTo
      ? [{ hoursAgo: then, take: () => linkReport(trx, report, ids.get(linkedTo)!, at(then)) }]
      : []),
    ...(answer ? [{ hoursAgo: then, take: () => answerReport(trx, report, answer, at(then)) }] : []),
  ];
}

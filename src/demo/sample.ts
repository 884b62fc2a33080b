import type { Db, Trx } from '../db.ts';
import { changeIssue } from '../issues/change-issue.ts';
import { addComponent } from '../issues/components.ts';
import { openIssue } from '../issues/open-issue.ts';
import { editUpdate, postUpdate } from '../issues/post-update.ts';
import { addReports } from '../reports/add-reports.ts';
import { answerReport } from '../reports/answer-report.ts';
import { fileReport, meToo } from '../reports/file-report.ts';
import { linkReport } from '../reports/link-report.ts';
import { type Chapter, chapters, parts } from './story.ts';
import { strangers } from './strangers.ts';

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
    for (const chapter of chapters) ids.set(chapter.key, await tell(trx, chapter, componentIds, at));
    await strangersSpeak(trx, ids, at);
    return { broken: ids.get('publish')!, fixed: ids.get('checkout')! };
  });
}

type At = (hoursAgo: number) => Date;

async function tell(trx: Trx, chapter: Chapter, componentIds: Map<string, string>, at: At): Promise<string> {
  const [first, ...later] = chapter.said;
  const inHours = (hours: number | undefined) => (hours === undefined ? {} : { next_update_at: at(-hours) });
  const id = await openIssue(
    trx,
    {
      title: chapter.title,
      kind: chapter.kind,
      impact: chapter.impact,
      message: first.message,
      ...(chapter.affected ? { affected: chapter.affected } : {}),
      components: (chapter.parts ?? []).map(([name, status]) => ({ id: componentIds.get(name)!, status })),
      ...inHours(later.length === 0 ? first.nextInHours : undefined),
      ...(chapter.planned
        ? { scheduled_for: at(-chapter.planned.inHours), scheduled_until: at(-chapter.planned.untilHours) }
        : { started_at: at(chapter.beganHoursAgo ?? first.hoursAgo) }),
    },
    at(first.hoursAgo),
  );
  const soon = at(first.hoursAgo - 0.02);
  if (chapter.workaround) await changeIssue(trx, id, { workaround: chapter.workaround }, soon);
  const people = Array.from({ length: chapter.people ?? 0 }, (_, n) => ({
    email: `${chapter.key}-${n + 1}@customers.example`,
    source: 'tickets',
  }));
  if (people.length > 0) await addReports(trx, id, people, soon);
  for (const message of chapter.voices ?? []) await meToo(trx, id, { message }, soon);
  for (const { hoursAgo, status, message, before, resolution, fixedFor, nextInHours } of later) {
    const body = {
      status,
      message: before ?? message,
      ...(resolution ? { resolution } : {}),
      ...(fixedFor ? { fixed_for: fixedFor } : {}),
      ...inHours(nextInHours),
    };
    const posted = await postUpdate(trx, id, body, at(hoursAgo));
    if (before) await editUpdate(trx, id, posted.id, message, at(hoursAgo - 0.2));
  }
  return id;
}

/** What came in by the report form: some of it waits, some was linked to a known issue, some was answered. */
async function strangersSpeak(trx: Trx, ids: Map<string, string>, at: At): Promise<void> {
  for (const { hoursAgo, linkedTo, answer, ...said } of strangers) {
    const report = await fileReport(trx, { ...said, source: 'form' }, at(hoursAgo));
    if (linkedTo) await linkReport(trx, report.id, ids.get(linkedTo)!, at(hoursAgo / 2));
    if (answer) await answerReport(trx, report.id, answer, at(hoursAgo / 2));
  }
}

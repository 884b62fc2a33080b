import type { Config } from '../config.ts';
import { connect } from '../db.ts';
import { CannotStart, InUse } from '../errors.ts';
import { examineContent, examineDatabase } from './database.ts';
import { examineDisk } from './disk.ts';
import { type Finding, fail, reasonOf } from './finding.ts';
import { examineLedger } from './ledger.ts';
import { examineMailServer } from './mail-server.ts';
import { examineAddress, examinePage } from './page.ts';
import { examineRunning } from './running-server.ts';
import { examineSender, type TextResolver } from './sender-dns.ts';

export interface Tools {
  resolver: TextResolver;
  /** Under which name the mail server's DKIM key stands; only the operator knows. */
  dkimSelector: string | null;
  /** False where opening the embedded database would make one. */
  isThere: boolean;
  now: Date;
}

/** Looks at everything that a working page needs, and changes nothing. No finding holds a secret. */
export async function examine(config: Config, tools: Tools): Promise<Finding[]> {
  const { findings, content, pageId } = await lookInside(config, tools);
  const outside = await Promise.all([
    examineDisk(config.dataDir),
    examinePage(config, pageId),
    examineAddress(config),
    examineMailServer(config),
    examineSender(config.mailFrom.address, tools.resolver, tools.dkimSelector),
  ]);
  return [...findings, ...outside.flat(), ...content];
}

interface Inside {
  findings: Finding[];
  content: Finding[];
  pageId: string | null;
}

async function lookInside(config: Config, { isThere, now }: Tools): Promise<Inside> {
  const nothing = (finding: Finding): Inside => ({ findings: [finding], content: [], pageId: null });
  const { databaseUrl, dataDir } = config;
  if (!isThere) {
    return nothing(
      fail('database', `There is none in DATA_DIR ${dataDir} yet.`, '`candor start` makes one.'),
    );
  }
  try {
    const database = await connect({ databaseUrl, dataDir, poolSize: 1 });
    try {
      const [findings, readable] = await examineDatabase(database);
      if (!readable) return { findings, content: [], pageId: null };
      const { db } = database;
      const id = await db
        .selectFrom('setting')
        .select('value')
        .where('key', '=', 'page_id')
        .executeTakeFirst();
      const content = [...(await examineContent(db, now)), await examineLedger(db)];
      return { findings, content, pageId: id?.value ?? null };
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof InUse) {
      const [, pid] = /by process (\d+)/.exec(error.message) ?? [];
      const why = `The embedded database is in use by ${pid ? `process ${pid}` : 'another process'}.`;
      return { findings: await examineRunning(config, why), content: [], pageId: null };
    }
    const says =
      error instanceof CannotStart ? error.message : `It does not answer as it should: ${reasonOf(error)}.`;
    return nothing(fail('database', says, 'Nothing works without it: mend this first.'));
  }
}

import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';

const mb = 1024 * 1024;

/** How much room is left where we write. */
export async function examineDisk(dataDir: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(nearest(dataDir));
    return diskFinding(dataDir, bavail * bsize);
  } catch (error) {
    return fail(
      'disk',
      `DATA_DIR ${dataDir} cannot be looked at: ${reasonOf(error)}.`,
      'Give this user the right to it.',
    );
  }
}

export function diskFinding(dataDir: string, free: number): Finding {
  const left = `${Math.floor(free / mb).toLocaleString('en')} MB are free at DATA_DIR ${dataDir}.`;
  const next = 'Make room: a database that cannot write turns customers away.';
  if (free < 100 * mb) return fail('disk', left, next);
  return free < 1024 * mb ? warn('disk', left, next) : ok('disk', left);
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}

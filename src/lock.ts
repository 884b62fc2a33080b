import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { InUse } from './errors.ts';
import { newId } from './ids.ts';

interface Holder {
  pid: number;
  started: string;
  host: string;
}

/**
 * Locks the embedded database's directory for this process; the answer unlocks it.
 * A second process would destroy data without a word, so: the lock is taken over only from a holder
 * that is provably dead (its pid is gone, or belongs to a process started at another time), never by age,
 * and never from another host, of which we can prove nothing. Throws InUse when it is held.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = `${directory}.lock`;
  const mine: Holder = { pid: process.pid, started: startOf(process.pid) ?? '', host: hostname() };
  const draft = `${path}.${newId()}`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    // link() is create-exclusive with the content already in it: nobody ever reads half a lock.
    while (!(await linked(draft, path))) await takeOver(path);
  } finally {
    await unlink(draft);
  }
  return async () => {
    if ((await readHolder(path))?.text === JSON.stringify(mine)) await unlink(path);
  };
}

/** Moves a dead holder's lock out of the way, or throws. */
async function takeOver(path: string): Promise<void> {
  const found = await readHolder(path);
  if (found === null) return;
  const { holder } = found;
  if (holder === null || holder.host !== hostname()) {
    throw new InUse(
      `DATA_DIR: ${path} says that ${holder ? `process ${holder.pid} on host ${holder.host}` : 'somebody'} uses this database, which cannot be checked from here. If that one is surely gone, delete the file and start again.`,
    );
  }
  if (startOf(holder.pid) === holder.started) {
    throw new InUse(
      `DATA_DIR: the database there is in use by process ${holder.pid}. Stop that one first, give this one a DATA_DIR of its own, or use PostgreSQL (DATABASE_URL) for several.`,
    );
  }
  const aside = `${path}.dead-${newId()}`;
  await rename(path, aside).catch(() => {});
  const moved = await readHolder(aside);
  // Somebody took over between our look and our move: give it back.
  if (moved && moved.text !== found.text) await link(aside, path).catch(() => {});
  await unlink(aside).catch(() => {});
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<{ text: string; holder: Holder | null } | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return { text, holder: JSON.parse(text) as Holder };
  } catch {
    return { text, holder: null };
  }
}

/** When a process was started, in the system's own words; null where there is none. A zombie counts as none. */
function startOf(pid: number): string | null {
  try {
    return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  } catch {
    return null;
  }
}

function startOnLinux(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${fields[19]}`;
}

function startByPs(pid: number): string | null {
  if (process.platform === 'win32') {
    process.kill(pid, 0);
    return 'alive';
  }
  return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
}

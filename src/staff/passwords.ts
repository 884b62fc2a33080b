import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { TooMany } from '../errors.ts';

/** OWASP's first choice for scrypt: 2^17 rounds of 8 blocks, 128 MiB each. Only tests that try hundreds lower it. */
export const cost = { ln: 17, r: 8, p: 1 };
const keyLength = 32;
const atOnce = 2;
const mostWaiting = 60;
const busy =
  'More people than we can look at are signing in at this moment. Please try again in some seconds.';

/** Says each hash that is made, for whoever measures. */
export const hashings = channel('candor:scrypt');

/** A password as it is kept: the way it was made, its salt, its hash. Takes most of a second. Throws TooMany. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost, true);
  return written(cost, salt, hash);
}

/**
 * Whether this is the password. Without a kept one it takes as long and answers false, so that nobody learns who
 * has an account. Throws TooMany where the queue is full; whoever is `ahead` goes before strangers, and
 * always gets in.
 */
export async function isPassword(
  password: string,
  kept: string | null,
  { ahead = false } = {},
): Promise<boolean> {
  const read = kept === null ? null : readKept(kept);
  const { salt, hash, ...how } = read ?? { ...cost, salt: dummySalt, hash: Buffer.alloc(keyLength) };
  const same = timingSafeEqual(await derive(password, salt, how, ahead), hash);
  return same && read !== null;
}

/** Whether it was kept in an older way than we use today. */
export function isOutdated(kept: string): boolean {
  return !kept.startsWith(`${prefixOf(cost)}$`);
}

type Cost = typeof cost;

const dummySalt = randomBytes(16);

function prefixOf({ ln, r, p }: Cost): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}`;
}

function written(how: Cost, salt: Buffer, hash: Buffer): string {
  return [prefixOf(how), salt.toString('base64url'), hash.toString('base64url')].join('$');
}

function readKept(kept: string): (Cost & { salt: Buffer; hash: Buffer }) | null {
  const [, ln, r, p, salt, hash] =
    /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]{43})$/.exec(kept) ?? [];
  if (salt === undefined || hash === undefined) return null;
  return {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

async function derive(password: string, salt: Buffer, how: Cost, ahead: boolean): Promise<Buffer> {
  await turn(ahead);
  try {
    hashings.publish({ ln: how.ln });
    return await scrypted(password.normalize('NFKC'), salt, how);
  } finally {
    const next = known.shift() ?? strangers.shift();
    if (next) next();
    else running--;
  }
}

function scrypted(password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r };
  return new Promise((resolve, reject) =>
    scrypt(password, salt, keyLength, options, (error, key) => (error ? reject(error) : resolve(key))),
  );
}

let running = 0;
const known: (() => void)[] = [];
const strangers: (() => void)[] = [];

/** Each takes 128 MiB and a processor: few at a time, and a line that does not grow without end. */
async function turn(ahead: boolean): Promise<void> {
  if (running < atOnce) return void running++;
  if (!ahead && strangers.length >= mostWaiting) throw new TooMany(busy, 10);
  await new Promise<void>((resolve) => (ahead ? known : strangers).push(resolve)); // who goes leaves us the place
}

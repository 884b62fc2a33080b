import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// npm run bench [-- name…]: each file here that exports `bench` is one, by its file name; all others help them.
export interface Bench {
  about: string;
  /** Programs that it cannot do without. */
  needs?: string[];
  /** Answers whether every limit was kept. */
  run: (options: string[]) => Promise<boolean>;
}

const here = new URL('.', import.meta.url);
const known = readdirSync(here)
  .filter((file) => file.endsWith('.ts'))
  .filter((file) => /^export const bench\b/m.test(readFileSync(new URL(file, here), 'utf8')))
  .map((file) => file.slice(0, -3))
  .sort();

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('-'));
const options = args.filter((arg) => arg.startsWith('-'));
const unknown = names.filter((name) => !known.includes(name));

if (options.includes('--help')) {
  console.log('npm run bench [-- name… --option=value]\n');
  for (const name of known) console.log(`  ${name.padEnd(10)} ${(await load(name)).about}`);
} else if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  process.exit(2);
} else {
  let kept = true;
  let cannot = false;
  for (const name of names.length > 0 ? names : known) {
    console.error(`— ${name}`);
    const bench = await load(name);
    const missing = (bench.needs ?? []).filter((program) => !isThere(program));
    for (const program of missing)
      console.error(`${name} needs ${program}, which is not on this machine: apt install ${program}`);
    if (missing.length > 0) cannot = true;
    else kept = (await bench.run(options)) && kept;
  }
  process.exit(cannot ? 2 : kept ? 0 : 1);
}

function isThere(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

async function load(name: string): Promise<Bench> {
  return ((await import(`./${name}.ts`)) as { bench: Bench }).bench;
}

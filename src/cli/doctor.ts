import { Resolver } from 'node:dns/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { examine } from '../doctor/examine.ts';
import { counted } from '../doctor/finding.ts';
import { isThere } from './as-it-is.ts';

const help = `candor doctor [--json] [--dkim-selector NAME]

Looks at everything that a working page needs and says what to do where something is wrong: database, clocks, disk,
BASE_URL, proxy, mail server, the sender's SPF, DKIM and DMARC, stuck and failed mail, who can sign in. It changes
nothing, sends nothing and prints no secret. It ends with 1 where something FAILs; a warning is no failure.
While a server uses the embedded database, the doctor asks that server instead.
`;

export const doctorCommand = { help, run };

async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean', default: false }, 'dkim-selector': { type: 'string' } },
  });
  const config = readConfig();
  const findings = await examine(config, {
    resolver: new Resolver({ timeout: 3_000, tries: 2 }),
    dkimSelector: values['dkim-selector'] ?? null,
    isThere: isThere(config),
    now: new Date(),
  });
  const failures = findings.filter(({ state }) => state === 'FAIL').length;
  if (values.json) {
    console.log(JSON.stringify({ ok: failures === 0, checks: findings }, null, 2));
  } else {
    const width = Math.max(...findings.map(({ check }) => check.length));
    for (const { check, state, says, next } of findings) {
      console.log(`${state.padEnd(4)}  ${check.padEnd(width)}  ${says}`);
      if (next) console.log(`${' '.repeat(width + 8)}→ ${next}`);
    }
    const warnings = findings.filter(({ state }) => state === 'warn').length;
    console.log(`\n${counted(failures, 'failure', 'failures')}, ${counted(warnings, 'warning', 'warnings')}`);
  }
  if (failures > 0) process.exitCode = 1;
}

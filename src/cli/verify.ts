import { parseArgs } from 'node:util';
import { CannotStart } from '../errors.ts';
import { CannotCheck } from '../verify/finding.ts';
import { reportOf } from '../verify/report.ts';
import { type Asked, type Verdict, verify } from '../verify/verify.ts';

const help = `candor verify [--since HASH] [--ledger-only] [--json] ADDRESS-OR-FILE

Checks that nothing a page ever said was rewritten. It reads the page's ledger (https://status.example.com, or a copy
of its /ledger.jsonl in a file), recomputes every hash, and holds what the page shows now against what the ledger says.
It needs no configuration and no database, and trusts nobody; run it on your own machine.

--since HASH    a hash you once saw in a mail, a feed or on the page (12 characters are enough): that it is still
                there proves that nothing before it was touched, and you read what was said since
--ledger-only   do not ask what the page shows
--json          the same for programs

It ends with 0 where all is well, with 1 where something was changed behind the ledger's back, and with 2 where nothing
could be checked.
`;

export const verifyCommand = { help, run };

async function run(args: string[]): Promise<void> {
  const { json, ...asked } = read(args);
  const onTerminal = process.stderr.isTTY && !json;
  const verdict = await verify({
    ...asked,
    now: new Date(),
    ...(onTerminal && {
      onProgress: (entries: number) => process.stderr.write(`\r${entries} entries read `),
    }),
  }).catch((error) => {
    throw error instanceof CannotCheck ? new CannotStart(`could not check: ${error.message}`, 2) : error;
  });
  if (onTerminal) process.stderr.write('\r\u001b[K');
  console.log(json ? JSON.stringify(asJson(verdict), null, 2) : reportOf(verdict));
  if (verdict.findings.length > 0) process.exitCode = 1;
}

function read(args: string[]): Pick<Asked, 'what' | 'since' | 'ledgerOnly'> & { json: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        since: { type: 'string' },
        'ledger-only': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const [what, ...more] = positionals;
    if (what === undefined || more.length > 0) throw new Error('verify takes one address or one file');
    const since = values.since?.trim().toLowerCase() ?? null;
    return { what, since, ledgerOnly: values['ledger-only'], json: values.json };
  } catch (error) {
    throw new CannotStart(`${(error as Error).message}.\n${help}`, 2);
  }
}

function asJson({ findings, firstAt, lastAt, ...rest }: Verdict) {
  return { ok: findings.length === 0, ...rest, first_at: firstAt, last_at: lastAt, findings };
}

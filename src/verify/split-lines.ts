import { CannotCheck } from './finding.ts';

const longestLine = 32 * 1024 * 1024;
const longest = 2 * 1024 ** 3;

/** Bytes as lines of text, however they arrive; no line and no whole without a limit. Throws CannotCheck. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  limit = { line: longestLine, whole: longest },
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let pieces: string[] = [];
  let [line, whole] = [0, 0];
  for await (const chunk of chunks) {
    whole += chunk.length;
    if (whole > limit.whole)
      throw new CannotCheck('it does not end: more than 2 GB came, and the rest was not read');
    const parts = decode(decoder, chunk).split('\n');
    for (const [at, part] of parts.entries()) {
      if (at > 0) {
        yield pieces.join('');
        [pieces, line] = [[], 0];
      }
      pieces.push(part);
      line += part.length;
      if (line > limit.line)
        throw new CannotCheck('it has a line of more than 32 MB, which is no entry of a ledger');
    }
  }
  const rest = pieces.join('') + decode(decoder);
  if (rest !== '') yield rest;
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw new CannotCheck('it holds bytes that are no text in UTF-8, so it is no ledger');
  }
}

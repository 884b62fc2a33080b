import { type SecretKind, type Span, secretsIn } from './domain/secrets.ts';

type Rules = typeof import('@secretlint/secretlint-rule-preset-recommend').rules;
let loading: Promise<Rules> | undefined;

/**
 * Everything private that a text seems to hold, in its order: keys and tokens as secretlint knows them, and what our
 * own patterns find. `ours` are addresses that are nobody's secret. The library is loaded at the first call.
 */
export async function findSecrets(text: string, ours: readonly string[] = []): Promise<Span[]> {
  loading ??= load();
  return secretsIn(text, await findKnown(await loading, text), ours);
}

async function load(): Promise<Rules> {
  try {
    return (await import('@secretlint/secretlint-rule-preset-recommend')).rules;
  } catch (error) {
    loading = undefined; // what could not be read now may be readable at the next try
    throw error;
  }
}

// The rules are run here and not by @secretlint/core, whose profiler keeps some ten kilobytes of every run for good.
async function findKnown(rules: Rules, text: string): Promise<Span[]> {
  const spans: Span[] = [];
  const source = {
    content: text,
    filePath: '',
    ext: '',
    contentType: 'text',
  };
  for (const rule of rules) {
    const kind = kindOf(rule.meta.id);
    if (kind === null) continue;
    const context = {
      sharedOptions: {},
      createTranslator: () => (messageId: string) => ({ messageId, message: messageId }),
      ignore() {},
      report: ({ range: [start, end] }: { range: readonly [number, number] }) =>
        spans.push({ kind, start, end }),
    };
    const made = rule.create(context as never, {} as never) as { file?: (source: never) => unknown };
    await made.file?.(source as never);
  }
  return spans;
}

/** How we call what a rule finds; null for rules that find nothing in a text. */
function kindOf(rule: string): SecretKind | null {
  if (/filter-comments|gcp/.test(rule)) return null;
  if (rule.endsWith('privatekey')) return 'key';
  return /basicauth|database/.test(rule) ? 'login' : 'token';
}

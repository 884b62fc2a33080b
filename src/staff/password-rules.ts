export const shortestPassword = 12;
export const longestPassword = 200;

/** What a form says before somebody chooses one. */
export const passwordHint = `At least ${shortestPassword} characters; a few words in a row are fine. Only what somebody would try first is refused.`;

/**
 * What is wrong with a password somebody chose, or an empty text. No rules about digits or signs: only its length,
 * and that it is not what everybody tries first.
 */
export function passwordTrouble(
  password: string,
  { pageName, email }: { pageName: string; email: string },
): string {
  const text = password.normalize('NFKC');
  const length = [...text].length;
  if (length < shortestPassword) {
    return length === 0
      ? 'Please choose a password.'
      : `This has ${length} characters. Please take at least ${shortestPassword}; a few words in a row are fine.`;
  }
  if (length > longestPassword) return `Please take at most ${longestPassword} characters.`;
  return isFirstTried(text, [pageName, ...email.split(/[@.+_-]/)])
    ? 'This is one of the first that somebody would try. Please take another; a few words in a row are fine.'
    : '';
}

/** Nothing is left of it, or next to nothing, without the names in it and the commonest words. */
function isFirstTried(text: string, names: string[]): boolean {
  const words = [...names.map(bare).filter((name) => name.length >= 3), ...commonest];
  const left = words
    .sort((a, b) => b.length - a.length)
    .reduce((rest, word) => rest.replaceAll(word, ''), bare(text));
  return left.length < 5 || new Set(left).size < 3;
}

function bare(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

const commonest =
  'password passw0rd passwort motdepasse qwertyuiop qwerty qwertz azerty asdfghjkl asdfgh zxcvbnm 1234567890 123456789 12345678 1234567 123456 12345 1234 123123 111111 abc123 abcdefghijkl abcdef letmein welcome admin administrator iloveyou changeme secret monkey dragon sunshine princess football baseball superman trustno1 master login support candor correcthorsebatterystaple'.split(
    ' ',
  );

/** Letters and digits together, as keys have them and words do not. */
export function isMixed(it: string): boolean {
  return /\d/.test(it) && /[a-z]/i.test(it);
}

/** Letters of both kinds and digits take turns, as in what a machine has drawn and not in words, dates and paths. */
export function isRandom(it: string, turns = 5): boolean {
  const changes = it.match(/[a-z](?=[A-Z\d])|[A-Z](?=[a-z\d])|\d(?=[A-Za-z])/g)?.length ?? 0;
  return isMixed(it) && changes >= turns;
}

/** What stands right behind "password", with nothing between: only what nobody writes of a password otherwise. */
export function isTypedPassword(it: string): boolean {
  const word = it.replace(/[.!?:)\]"'”’]+$/, '');
  if (word.length < 6 || !/\p{L}/u.test(word) || /^https?:|\//i.test(word)) return false;
  if (isNamed.test(word)) return false;
  return /\d/.test(word) || /\p{L}[!$%&#*^~]+[\p{L}\p{N}]/u.test(word);
}

const isNamed =
  /^(?:(?:e|err|error|code|step|page|field|test|case|line|v|version|build|windows|win|ios|android|macos|chrome|firefox|safari|edge|iphone|ipad|galaxy|pixel|office|oauth|sha|md|base|utf|web|http|keepass|form|screen|issue|bug|ticket)[\s._-]?[\d.]+|[A-Z]{2,6}-\d+|\d+[- ]?(?:st|nd|rd|th|times|characters?|chars|digits|letters|days|minutes|hours)|1password)$/i;

/** Words in a row that say nothing about a password are one. */
export function isPassphrase(it: string): boolean {
  const words = it.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.length > 0 && !words.some((word) => said.has(word) || /(?:ing|n’t)$/.test(word));
}

/** Three digits before "error" are what a server answered; before "characters" they count. */
export function isNoNumber(it: string, after: string): boolean {
  if (
    /^[1-5]\d\d$/.test(it) &&
    /^\s{1,3}(?:errors?|status|page|response|fehler|fehlerseite|erreur)\b/i.test(after)
  )
    return true;
  return /^\s{1,3}(?:characters|digits|times|people|users|minutes|seconds|ms|px|zeichen|mal)\b/i.test(after);
}

const said = new Set(
  (
    'a an the this that these it its is are was were be been has have had do does did not no never always only still ' +
    'and or but if when then than so to of in on at by for from with without into out after before again i me my you ' +
    'your we our us he she they can cannot could will would should must may might password passwords passphrase forgot ' +
    'forgotten invalid wrong incorrect required mandatory optional match matches short long weak strong expired expires ' +
    'error errors enter entered show hide change changed reset field form page link mail email button login log sign ' +
    'account user username screen keeps stays stay loads opens arrives comes goes works work appears happens says ask ' +
    'asks nothing empty blank accepted refused rejected unknown saved set save new old current repeat confirm please ' +
    'try too minimum maximum least characters letters digits too see note same ist nicht das die der ein falsch und zu ' +
    'geht wird kein keine es no la el le les pas est sont con sin'
  ).split(' '),
);

/** "My password is wrong" tells none; "my password is sunshine" does. */
export function isPassword(it: string, after: string): boolean {
  const word = it.replace(/[.!?:)\]]+$/, '');
  if (word.length < 3 || /^(.)\1*$/u.test(word)) return false; // ****, xxxx
  if (/^https?:/i.test(word)) return false;
  if (/\p{L}/u.test(word) && /[\p{N}!$%&#@*+=?^~_]|\p{Ll}\p{Lu}/u.test(word.replace(/[?!]$/, '')))
    return true;
  if (/^\d{4,}$/.test(word)) return true;
  const ends = word !== it || after === '' || /^\s*(?:$|[\n.,;!?)]|and |und |y |et )/.test(after);
  return ends && /^[\p{L}\p{N}.-]+$/u.test(word) && !isOrdinary(word.toLowerCase());
}

/** What is said of a password, rather than one. */
function isOrdinary(word: string): boolean {
  return ordinary.has(word) || /(?:ed|ing|able|ible|less|ful|ally|ly)$/.test(word);
}

const ordinary = new Set(
  (
    'wrong right correct incorrect valid invalid gone lost forgotten reset new old same fine good okay long short weak ' +
    'strong empty blank missing here there below above this that never always still only hidden shown visible known ' +
    'unknown stolen broken none null undefined true false text field input string word what mine yours ours public ' +
    'secret secure safe unsafe difficult easy optional mandatory unchanged different better sent falsch richtig weg ' +
    'leer neu vergessen korrekt ungültig gültig gleich kurz lang incorrecta correcta incorrecto correcto inválida ' +
    'incorrect invalide oublié fout goed required request error'
  ).split(' '),
);

/** How far a mail had come when sending it failed. */
export type Stage =
  | 'connect' // no session yet: name, connection, TLS, greeting, login
  | 'sender' // answered at MAIL FROM
  | 'recipient' // answered at RCPT TO
  | 'message' // answered at DATA or after the final dot
  | 'session' // the connection was lost before the message began
  | 'body' // lost before the final dot: certainly not delivered
  | 'handed_over'; // lost after the final dot: perhaps delivered

export interface Fault {
  stage: Stage;
  responseCode: number | null;
  /** "5.1.1" */
  enhancedCode: string | null;
  /** Nodemailer's or the system's: EAUTH, ECONNREFUSED … */
  code: string | null;
  /** What the server said, without addresses. */
  text: string;
}

/**
 * - `retry`: again later, with growing pauses
 * - `maybe_delivered`: the same, and counted, since she may get it twice
 * - `address_bad`: the address does not exist: failed, and not tried again by any later mail
 * - `refused_by_policy`: the server refuses us, not her: again later; three in a row pause all sending
 * - `relay_down`: no mail can go out at all: pause, and the attempt does not count
 * - `failed`: this mail will never be taken; the address is fine
 */
export type Consequence =
  | 'retry'
  | 'maybe_delivered'
  | 'address_bad'
  | 'refused_by_policy'
  | 'relay_down'
  | 'failed';

/** What follows from a fault. */
export function consequenceOf(fault: Fault): Consequence {
  const { stage, responseCode: code } = fault;
  if (stage === 'connect' || fault.code === 'EAUTH' || code === 421 || code === 530 || code === 535) {
    return 'relay_down';
  }
  if (code === null) {
    if (fault.code === 'EENVELOPE' || fault.code === 'EMESSAGE') return 'failed'; // refused by our own library
    return stage === 'handed_over' ? 'maybe_delivered' : 'retry';
  }
  if (code < 500 || code === 503) return 'retry'; // 503: the session was out of step, not the mail
  if (fault.enhancedCode === '5.2.2') return 'retry'; // her mailbox is full, and may not be tomorrow
  if (isPolicy(fault)) return 'refused_by_policy';
  if (stage === 'recipient' && doesNotExist(fault)) return 'address_bad';
  return 'failed';
}

/** Whether the server answered about this one mail: then it takes others, and whoever waited for it need wait no longer. */
export function isAboutThisMail(fault: Fault): boolean {
  const { stage, responseCode } = fault;
  if (responseCode === null || (stage !== 'recipient' && stage !== 'message')) return false;
  return !['relay_down', 'refused_by_policy'].includes(consequenceOf(fault));
}

/** Old servers say "550 relaying denied" without a code; believing them would suppress every address. */
function isPolicy({ stage, responseCode, enhancedCode, text }: Fault): boolean {
  if (enhancedCode)
    return /^5\.7\./.test(enhancedCode) || (stage === 'sender' && /^5\.1\./.test(enhancedCode));
  if (stage === 'sender') return responseCode !== 552;
  if (stage === 'message') return false;
  return responseCode === 554 || /relay|denied|blocked|policy|spam|reputation|authenticat/i.test(text);
}

function doesNotExist({ responseCode, enhancedCode }: Fault): boolean {
  if (enhancedCode === null) return responseCode === 550 || responseCode === 551 || responseCode === 553;
  return /^5\.1\./.test(enhancedCode) && enhancedCode !== '5.1.7' && enhancedCode !== '5.1.8'; // those two: our sender
}

const second = 1_000;
const hour = 3_600 * second;

/** How long a mail is tried, from the moment it was owed, in milliseconds. */
export const patience = 72 * hour;
/** How often a mail that we cannot even write is tried. */
export const writingTries = 5;
/** How many refusals in a row that are our own fault pause all sending. */
export const strikesToPause = 3;

/**
 * The pause before the next try, in milliseconds: anything up to 30 s after the first, doubling to an hour
 * ("full jitter", so that a thousand refused mails do not come back together), and at least a second.
 */
export function backoff(attempts: number, random: number): number {
  const ceiling = Math.min(hour, 30 * second * 2 ** Math.max(0, attempts - 1));
  return Math.max(second, Math.round(random * ceiling));
}

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import type { Fault } from './domain/retry.ts';
import { bytesOf } from './mail-bytes.ts';
import { faultOf, isClosedUnused, MailFault, type SmtpError } from './mail-fault.ts';
import { openWire } from './mail-wire.ts';
import { hostOf, secretsOf, trustOf } from './smtp-address.ts';

export { MailFault } from './mail-fault.ts';

export interface Letter {
  /** With the angle brackets; the same on every try. */
  messageId: string;
  date: Date;
  to: string;
  replyTo: string | null;
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  /** The Message-ID of the thread it belongs to. */
  thread: string | null;
  /** Who learns that it came back, where that is not simply the sender. */
  envelopeFrom?: string | null;
}

export interface Mailer {
  kind: 'smtp' | 'files';
  /** Hands one mail over, or throws MailFault. The same letter is the same bytes every time. */
  send(letter: Letter, signal?: AbortSignal): Promise<void>;
  close(): void;
  /** Where mails go, as one sentence for the operator. */
  where: string;
}

export interface MailerOptions {
  smtpUrl: string | null;
  dataDir: string;
  from: { name: string; address: string };
  /** Connections, and so mails at a time. */
  concurrency?: number;
  /** Milliseconds; `deadline` is for the whole of one mail and stays below the notifier's lease. */
  timeouts?: { connect?: number; socket?: number; deadline?: number };
  /** Told once, when the server takes no envelope sender but the sender itself: from then on none is tried. */
  onPlainSender?: (said: string) => void;
}

/** Opens the mail server at `smtpUrl`, or without one a folder of .eml files. Connects at the first mail. */
export function openMailer(options: MailerOptions): Mailer {
  return options.smtpUrl ? openSmtp(options.smtpUrl, options) : openFolder(options);
}

function openSmtp(url: string, options: MailerOptions): Mailer {
  const { from, concurrency = 5, timeouts = {}, onPlainSender = () => {} } = options;
  const { connect = 10_000, socket = 40_000, deadline = 50_000 } = timeouts;
  const settings = {
    url,
    maxConnections: concurrency,
    maxRequeues: 0, // the outbox owns retries
    connectionTimeout: connect,
    greetingTimeout: connect,
    dnsTimeout: connect,
    socketTimeout: socket,
    socketCloseTimeout: 1_000,
    idleTimeout: 30_000,
    ...trustOf(url),
  };
  const wire = openWire(settings, from);
  const secrets = secretsOf(url);

  async function send(letter: Letter, signal?: AbortSignal): Promise<void> {
    const hangUp = new AbortController();
    const abort = () => hangUp.abort();
    const timer = setTimeout(abort, deadline);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await sendFromWhoever(letter, hangUp.signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  let plainOnly = false;

  /** A refusal of the envelope sender is none of the mail: it goes again at once with the plain one. */
  async function sendFromWhoever(letter: Letter, signal: AbortSignal): Promise<void> {
    const plain = { ...letter, envelopeFrom: null };
    if (plainOnly || !letter.envelopeFrom) return sendNow(plain, signal);
    try {
      await sendNow(letter, signal);
    } catch (error) {
      if (!refusesSender(error)) throw error;
      const second = await sendNow(plain, signal).then(
        () => null,
        (failed: unknown) => failed,
      );
      const wasIt = second === null || isBeyondSender(second);
      if (wasIt && !plainOnly) {
        plainOnly = true;
        onPlainSender((error as MailFault).fault.text);
      }
      if (second !== null) throw second;
    }
  }

  async function sendNow(letter: Letter, signal: AbortSignal): Promise<void> {
    for (let stale = 0; ; stale++) {
      const { sent, stage } = wire.hand(letter, signal);
      try {
        await sent;
        return;
      } catch (error) {
        // The server had ended an idle connection of the pool; not a byte of this mail was sent on it.
        const isUnused = stage() === 'session' && isClosedUnused(error);
        if (isUnused && stale <= concurrency && !signal.aborted) continue;
        throw faultOf(error as SmtpError, isUnused ? 'connect' : stage(), secrets);
      }
    }
  }

  return {
    kind: 'smtp',
    send,
    close: wire.close,
    where: `Mail goes out through ${hostOf(url)}.`,
  };
}

function openFolder({ dataDir, from }: MailerOptions): Mailer {
  const folder = join(dataDir, 'mail');
  return {
    kind: 'files',
    async send(letter) {
      const path = join(folder, `${letter.messageId.replace(/[<>]|@.*/g, '').replace(/[^\w.-]/g, '_')}.eml`);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(`${path}.part`, bytesOf(letter, from), { mode: 0o600 });
        await rename(`${path}.part`, path);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? null;
        const fault: Fault = { stage: 'connect', responseCode: null, enhancedCode: null, code, text: '' };
        throw new MailFault(`the mail cannot be written to a file: ${code}`, fault);
      }
    },
    close: () => {},
    where: `SMTP_URL is not set: no mail leaves this machine; each is written to a file in ${folder}.`,
  };
}

/** Connects as for a mail, encrypts and logs in, and sends nothing. Throws MailFault, whose text holds no password. */
export async function tryMailServer(smtpUrl: string): Promise<{ encrypted: boolean; login: boolean }> {
  let encrypted = smtpUrl.startsWith('smtps:');
  let login = false;
  const quiet = () => {};
  const info = (_: unknown, said: string) => {
    if (said === 'Connection upgraded with STARTTLS') encrypted = true;
    if (said === 'User %s authenticated') login = true;
  };
  const logger = { level: quiet, trace: quiet, debug: quiet, info, warn: quiet, error: quiet, fatal: quiet };
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    logger,
    connectionTimeout: 8_000,
    greetingTimeout: 8_000,
    dnsTimeout: 8_000,
    socketTimeout: 8_000,
    ...trustOf(smtpUrl),
  });
  try {
    await transport.verify();
    return { encrypted, login };
  } catch (error) {
    throw faultOf(error as SmtpError, 'connect', secretsOf(smtpUrl));
  } finally {
    transport.close();
  }
}

function refusesSender(error: unknown): boolean {
  return (
    error instanceof MailFault && error.fault.stage === 'sender' && (error.fault.responseCode ?? 0) >= 500
  );
}

/** The server had no word against the sender. */
function isBeyondSender(error: unknown): boolean {
  return (
    error instanceof MailFault && ['recipient', 'message', 'body', 'handed_over'].includes(error.fault.stage)
  );
}

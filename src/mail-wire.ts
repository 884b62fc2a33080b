import { Readable } from 'node:stream';
import SMTPPool, { type SMTPPoolOptions } from 'nodemailer/lib/smtp-pool';
import type { Stage } from './domain/retry.ts';
import { bytesOf, envelopeAddress } from './mail-bytes.ts';
import type { Letter } from './mailer.ts';

/** The library's pool of connections, given bytes that were made before. */
export interface Wire {
  /** Begins to hand a letter over; `sent` fails as the library does. */
  hand(letter: Letter, signal: AbortSignal): Handing;
  /** Ends all connections, also those that are at work. */
  close(): void;
}

export interface Handing {
  sent: Promise<void>;
  /** How far it has come. */
  stage(): Stage;
}

/** Opens none yet: each connection at the mail that needs it. */
export function openWire(options: SMTPPoolOptions, from: { name: string; address: string }): Wire {
  const pool = new SMTPPool(options);
  pool.on('error', () => {});
  return {
    hand(letter, signal) {
      const { message, stage } = messageOf(letter, from);
      const mail = { data: { signal }, message } as unknown as Parameters<SMTPPool['send']>[0];
      const sent = new Promise<void>((resolve, reject) => {
        pool.send(mail, (error) => (error ? reject(error) : resolve()));
      });
      return { sent, stage };
    },
    close: () => pool.close({ force: true }),
  };
}

/** What the pool asks of a message and no more: having the library compose it anew would cost as much as sending it. */
function messageOf(letter: Letter, from: { name: string; address: string }) {
  const bytes = bytesOf(letter, from);
  let stream: Readable | null = null;
  let isHandedOver = false;
  const message = {
    messageId: () => letter.messageId,
    getHeader: () => letter.messageId,
    getEnvelope: () => ({
      from: envelopeAddress(letter.envelopeFrom || from.address),
      to: [envelopeAddress(letter.to)],
    }),
    createReadStream() {
      stream = oneChunk(bytes).once('end', () => {
        isHandedOver = true;
      });
      return stream;
    },
  };
  const stage = (): Stage => {
    if (isHandedOver) return 'handed_over';
    if (!stream) return 'connect';
    return stream.readableDidRead ? 'body' : 'session';
  };
  return { message, stage };
}

/** Gives all bytes at once, when it is asked for them and not before: that it was read says that the server said yes. */
function oneChunk(bytes: Buffer): Readable {
  return new Readable({
    read() {
      this.push(bytes);
      this.push(null);
    },
  });
}

import { Readable } from 'node:stream';
import { encode as encodeBase64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import type MimeNode from 'nodemailer/lib/mime-node';
import { encode, wrap } from 'nodemailer/lib/qp';

/**
 * A composed mail of text parts as it goes over the wire: what the library streams, byte for byte but with every
 * line end whole, made at once: so small a mail needs no chain of streams. Throws where a part is no text.
 */
export function bytesOf(mail: MimeNode): Buffer {
  const lines = partOf(mail).replace(/\r\n|\r|\n/g, '\r\n');
  return Buffer.from(lines.endsWith('\n') ? lines : `${lines}\r\n`, 'latin1');
}

/** Gives all bytes at once, when it is asked for them and not before: that it was read says that the server said yes. */
export function oneChunk(bytes: Buffer): Readable {
  return new Readable({
    read() {
      this.push(bytes);
      this.push(null);
    },
  });
}

function partOf(part: MimeNode): string {
  const head = `${latin1(part.buildHeaders())}\r\n\r\n`;
  if (part.childNodes.length === 0) return head + bodyOf(part);
  const parts = part.childNodes.map((child) => `--${part.boundary}\r\n${partOf(child)}`);
  return `${head}${parts.join('\r\n')}\r\n--${part.boundary}--\r\n`;
}

function bodyOf(part: MimeNode): string {
  const { content = '' } = part;
  if (typeof content !== 'string') throw new Error('a part of the mail is no text');
  switch (part.getTransferEncoding()) {
    case 'quoted-printable':
      return wrap(encode(content));
    case 'base64':
      return wrapBase64(encodeBase64(content));
    default:
      return latin1(content);
  }
}

/** One character a byte. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

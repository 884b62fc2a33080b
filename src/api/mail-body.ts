import * as z from 'zod';
import { Refused } from '../errors.ts';
import { readMail, UnreadableMail } from '../read-mail.ts';

/**
 * A mail as a request carries it: byte for byte, or as a string in JSON. It is read before any transaction begins.
 * Reading it throws Refused, in a whole sentence, for what is no mail.
 */
export const mailBody = z.strictObject({
  message: z.union([z.string(), z.instanceof(Uint8Array)]).transform(async (raw) => {
    try {
      return await readMail(raw);
    } catch (error) {
      if (!(error instanceof UnreadableMail)) throw error;
      const message = `This is no mail we can read. ${error.message}`;
      throw new Refused(message, [{ path: 'message', message }]);
    }
  }),
});

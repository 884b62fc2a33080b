import * as z from 'zod';
import { readMail, UnreadableMail } from '../read-mail.ts';

/** A mail as a request carries it: byte for byte, or as a string in JSON. It is read before any transaction begins. */
export const mailBody = z.strictObject({
  message: z.union([z.string(), z.instanceof(Uint8Array)]).transform(async (raw, context) => {
    try {
      return await readMail(raw);
    } catch (error) {
      if (!(error instanceof UnreadableMail)) throw error;
      context.issues.push({
        code: 'custom',
        input: undefined,
        message: `is no mail we can read. ${error.message}`,
      });
      return z.NEVER;
    }
  }),
});

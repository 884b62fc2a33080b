import { isDatabaseAway } from '../db.ts';
import { type FieldError, Refused, TooMany, Trouble } from '../errors.ts';

/** RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  errors?: FieldError[];
}

/**
 * Any failure of a request as an answer; who only looked is not asked to send it again. What we did not foresee is a 500
 * that says nothing of the inside.
 */
export function problemOf(error: unknown, { method }: { method: string }): Problem & { retryAfter?: number } {
  if (error instanceof Trouble) {
    return {
      title: error.title,
      status: error.status,
      detail: error.message,
      ...(error instanceof Refused && error.errors.length > 0 ? { errors: error.errors } : {}),
      ...(error instanceof TooMany ? { retryAfter: error.retryAfter } : {}),
    };
  }
  if (isDatabaseAway(error)) {
    return {
      title: 'Away for a moment',
      status: 503,
      detail: `The database does not answer just now. ${
        method === 'GET' || method === 'HEAD' ? 'Please look' : 'Nothing was saved; please send it'
      } again in half a minute.`,
      retryAfter: 30,
    };
  }
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const detail = details[statusCode] ?? message ?? '';
    return { title: titles[statusCode] ?? 'Not understood', status: statusCode, detail };
  }
  return { title: 'Our fault', status: 500, detail: 'Something went wrong here, and it was logged.' };
}

/** Instead of the framework's English for developers. */
const details: Record<number, string> = {
  413: 'That is more than we can take at once. Please shorten it and send it again; going back in your browser brings your words back.',
  415: 'We cannot read it in this form. A form is sent as application/x-www-form-urlencoded, an API call as application/json.',
};

const titles: Record<number, string> = {
  400: 'The input was not understood',
  404: 'Not found',
  405: 'Not possible here',
  408: 'Too slow',
  413: 'Too large',
  414: 'Too long',
  415: 'A form this address does not take',
};

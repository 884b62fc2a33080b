/** What a feature throws; app.ts alone turns it into an answer (a page for people, problem+json for machines). */
export abstract class Trouble extends Error {
  abstract readonly status: number;
  abstract readonly title: string;
}

export class NotFound extends Trouble {
  readonly status = 404;
  readonly title = 'Not found';
}

export class Conflict extends Trouble {
  readonly status = 409;
  readonly title = 'Not possible as things stand';
}

export class Unauthorized extends Trouble {
  readonly status = 401;
  readonly title = 'No valid token';
}

export class Forbidden extends Trouble {
  readonly status = 403;
  readonly title = 'Not allowed';
}

/** Too much at once; `retryAfter` in seconds. */
export class TooMany extends Trouble {
  readonly status = 429;
  readonly title = 'Too many at once';
  readonly retryAfter: number;
  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

export interface FieldError {
  path: string;
  message: string;
}

/** Input we cannot take: which field, and what it should be. */
export class Refused extends Trouble {
  readonly status: number = 400;
  readonly title: string = 'The input was not understood';
  readonly errors: FieldError[];
  constructor(message: string, errors: FieldError[] = []) {
    super(message);
    this.errors = errors;
  }
}

/** Throws Refused for one field. */
export function refuse(path: string, message: string): never {
  throw new Refused(`${path}: ${message}`, [{ path, message }]);
}

/** A key used again for another request (Idempotency-Key). */
export class Mismatch extends Refused {
  override readonly status = 422;
  override readonly title = 'The key belongs to another request';
}

/** A start that cannot be; the message is the one line the operator reads. */
export class CannotStart extends Error {
  /** Read by what called us, as sysexits.h has it. */
  readonly exitCode: number;
  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The embedded database is another process's. */
export class InUse extends CannotStart {}

import type { ZodObject, ZodType, z } from 'zod';
import type { Db, Trx } from '../db.ts';
import type { Links } from '../links.ts';

/** What the routes may know of the server they run in. */
export interface Site {
  readonly baseUrl: string;
  /** How mail leaves: by SMTP, or only into files on this machine. */
  readonly mail: 'smtp' | 'files';
  /** For limits, and for knowing what we signed. */
  readonly links: Links;
}

/** `alert` is for monitors: they may say that something is wrong, and nothing else. Whoever may write may do that too. */
export type Scope = 'read' | 'write' | 'alert';

/** Whether a token of these scopes may do what needs that one. */
export function allows(scopes: readonly string[], needed: Scope): boolean {
  return scopes.includes(needed) || (needed === 'alert' && scopes.includes('write'));
}

interface Call<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  now: Date;
  site: Site;
}

interface Shape<P extends ZodObject, Q extends ZodObject, B extends ZodType, A extends ZodType> {
  path: `/${string}`;
  summary: string;
  params: P;
  query: Q;
  body: B;
  answer: A;
  status: 200 | 201 | 204;
  bodyLimit?: number;
  /** The body may also come as a mail, byte for byte; the schema finds it under `message`. */
  takesMail?: boolean;
  /** What programs say all day, and what is kept by itself, leaves no line in the audit. */
  audited?: boolean;
}

/** One call of the admin API, as data: the same schemas check the input and write the OpenAPI document. */
export interface ApiRoute
  extends Partial<
    Pick<
      Shape<ZodObject, ZodObject, ZodType, ZodType>,
      'params' | 'query' | 'body' | 'bodyLimit' | 'takesMail' | 'audited'
    >
  > {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: `/${string}`;
  summary: string;
  scope: Scope;
  answer: ZodType;
  status: 200 | 201 | 204;
  run(db: Db | Trx, call: Call<never, never, never>): Promise<unknown>;
}

type Given<P extends ZodObject, Q extends ZodObject, B extends ZodType> = Call<
  z.output<P>,
  z.output<Q>,
  z.output<B>
>;

/** A call that only looks. */
export function reads<P extends ZodObject, Q extends ZodObject, A extends ZodType>(
  route: Omit<Shape<P, Q, ZodType, A>, 'body' | 'status' | 'bodyLimit' | 'params' | 'query' | 'takesMail'> & {
    params?: P;
    query?: Q;
    run(db: Db, call: Given<P, Q, ZodType>): Promise<z.input<A>>;
  },
): ApiRoute {
  return { ...route, method: 'GET', scope: 'read', status: 200 } as ApiRoute;
}

/** A call that changes something: `run` gets a transaction, committed with the record of its Idempotency-Key. */
export function writes<P extends ZodObject, B extends ZodType, A extends ZodType>(
  route: Omit<Shape<P, ZodObject, B, A>, 'query' | 'params' | 'body'> & {
    method: 'POST' | 'PATCH' | 'DELETE';
    /** `write`, unless said. */
    scope?: Scope;
    params?: P;
    body?: B;
    run(trx: Trx, call: Given<P, ZodObject, B>): Promise<z.input<A>>;
  },
): ApiRoute {
  return { scope: 'write', ...route } as ApiRoute;
}

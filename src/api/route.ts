import type { ZodObject, ZodType, z } from 'zod';
import type { Db, Trx } from '../db.ts';

/** What the routes may know of the server they run in. */
export interface Site {
  readonly baseUrl: string;
  /** How mail leaves: by SMTP, or only into files on this machine. */
  readonly mail: 'smtp' | 'files';
}

export type Scope = 'read' | 'write';

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
  status: 200 | 201;
  bodyLimit?: number;
}

/** One call of the admin API, as data: the same schemas check the input and write the OpenAPI document. */
export interface ApiRoute
  extends Partial<
    Pick<Shape<ZodObject, ZodObject, ZodType, ZodType>, 'params' | 'query' | 'body' | 'bodyLimit'>
  > {
  method: 'GET' | 'POST' | 'PATCH';
  path: `/${string}`;
  summary: string;
  scope: Scope;
  answer: ZodType;
  status: 200 | 201;
  run(db: Db | Trx, call: Call<never, never, never>): Promise<unknown>;
}

type Given<P extends ZodObject, Q extends ZodObject, B extends ZodType> = Call<
  z.output<P>,
  z.output<Q>,
  z.output<B>
>;

/** A call that only looks. */
export function reads<P extends ZodObject, Q extends ZodObject, A extends ZodType>(
  route: Omit<Shape<P, Q, ZodType, A>, 'body' | 'status' | 'bodyLimit' | 'params' | 'query'> & {
    params?: P;
    query?: Q;
    run(db: Db, call: Given<P, Q, ZodType>): Promise<z.input<A>>;
  },
): ApiRoute {
  return { ...route, method: 'GET', scope: 'read', status: 200 } as ApiRoute;
}

/** A call that changes something: `run` gets a transaction, committed with the record of its Idempotency-Key. */
export function writes<P extends ZodObject, B extends ZodType, A extends ZodType>(
  route: Omit<Shape<P, ZodObject, B, A>, 'query' | 'params'> & {
    method: 'POST' | 'PATCH';
    params?: P;
    run(trx: Trx, call: Given<P, ZodObject, B>): Promise<z.input<A>>;
  },
): ApiRoute {
  return { ...route, scope: 'write' } as ApiRoute;
}

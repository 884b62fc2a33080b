/** Something that is not as it must be. */
export interface Finding {
  /** Where it shows: in the chain of hashes, in what an entry says, or in what the page shows against it. */
  where: 'chain' | 'entry' | 'page' | 'since';
  /** One sentence for people. */
  says: string;
  /** The entry that it is about. */
  seq?: number;
  /** The issue or component that it is about. */
  id?: string;
  title?: string;
  url?: string;
  field?: string;
  ledger?: unknown;
  page?: unknown;
}

/** Why nothing could be checked; it says nothing about the ledger. */
export class CannotCheck extends Error {}

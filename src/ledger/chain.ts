import canonicalize from 'canonicalize';
import { sha256 } from '../ids.ts';

/** The hash of an entry: hex SHA-256 of the canonical form (RFC 8785) of all of it but `hash` itself. */
export function hashOf(entry: Readonly<Record<string, unknown>>): string {
  const { hash: _, ...rest } = entry;
  return sha256(canonicalize(rest)!);
}

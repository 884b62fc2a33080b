/** Signs that nobody takes for another: no I, L, O, U (Crockford's). Ten of them are 50 bits. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 10;

/** A code out of at least seven random bytes: K7QF-2MXN-R4. */
export function codeOf(bytes: Uint8Array): string {
  let rest = bytes.slice(0, 7).reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  let code = '';
  for (let n = 0; n < length; n++, rest >>= 5n) code += alphabet[Number(rest & 31n)];
  return inGroups(code);
}

/**
 * The code as we wrote it, out of what somebody copied from paper: in small letters, without dashes, an O for a zero,
 * an I or an L for a one. What is no code of ours at all is answered as it came, so that looking it up costs the same.
 */
export function readCode(typed: string): string {
  const plain = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
    .replace(/U/g, 'V');
  return plain.length === length && [...plain].every((sign) => alphabet.includes(sign))
    ? inGroups(plain)
    : plain;
}

function inGroups(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`;
}

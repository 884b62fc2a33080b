import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Where a webhook may lead: `open` means the public internet by https; `inside` adds private networks, and http. */
export type Reach = 'open' | 'inside';

const insideRanges = ['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'];
const globalUnicast = ipaddr.IPv6.parse('2000::');

/**
 * Whether we may connect to an address. On the open internet that is global unicast alone: nothing private, local,
 * reserved, for documentation or multicast, and no IPv6 address that hides another one (mapped, NAT64, 6to4, Teredo).
 * Link-local addresses, where clouds keep their secrets, are never allowed.
 */
export function mayReach(address: string, reach: Reach): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (reach === 'inside' && insideRanges.includes(range)) return true;
  if (range !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(globalUnicast, 3);
}

const longest = 2_000;

/**
 * What is wrong with a webhook's address as it was typed, as a sentence for its owner; empty where it may be tried. An
 * IPv4 address in decimal, octal or hexadecimal is read as what it is. Where a name leads is looked at on each sending.
 */
export function urlTrouble(text: string, reach: Reach): string {
  if (text === '') return 'Please give the address to send to.';
  if (text.length > longest)
    return `Please give an address of at most ${longest.toLocaleString('en')} characters.`;
  const url = readUrl(text);
  if (url === null) return 'Please give a whole address, such as https://example.com/hooks/status.';
  if (url.protocol !== 'https:' && !(reach === 'inside' && url.protocol === 'http:'))
    return reach === 'inside'
      ? 'Please give an address that begins with https:// or http://.'
      : 'Please give an address that begins with https://, so that nobody can read along.';
  if (url.username || url.password)
    return 'Please give the address without a name and password in it. Each message is signed instead.';
  if (!isPortAllowed(url)) return 'Please give an address with port 443, 80, or one from 1024 on.';
  return isHostAllowed(url, reach)
    ? ''
    : 'Please give an address that everybody can reach: this one leads to a machine or network of its own.';
}

/** The address as a URL if it is one that may be tried, else null. */
export function allowedUrl(text: string, reach: Reach): URL | null {
  return urlTrouble(text, reach) === '' ? readUrl(text) : null;
}

/** The host of a URL if it is an address and no name. */
export function addressIn(url: URL): string | null {
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? null : bare;
}

function readUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isPortAllowed({ port }: URL): boolean {
  return port === '' || port === '80' || port === '443' || Number(port) >= 1024;
}

function isHostAllowed(url: URL, reach: Reach): boolean {
  const address = addressIn(url);
  if (address !== null) return mayReach(address, reach);
  if (reach === 'inside') return true;
  const name = url.hostname.replace(/\.$/, '');
  return name.includes('.') && !/\.(localhost|local|internal|lan|home|corp|intranet)$/.test(name);
}

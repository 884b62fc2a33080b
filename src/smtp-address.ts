// What the address of a mail server (SMTP_URL) says.

/**
 * Without a login STARTTLS is taken where it is offered, whoever signed the certificate, as mail servers do among
 * themselves (RFC 7435): refusing would not keep anybody from listening, who could as well take the offer out.
 * With a login, smtps:// or words of its own in the address the certificate must be good.
 */
export function trustOf(url: string): { tls?: { rejectUnauthorized: false } } {
  const { protocol, username, search } = new URL(url);
  return protocol === 'smtp:' && username === '' && search === ''
    ? { tls: { rejectUnauthorized: false } }
    : {};
}

export function secretsOf(url: string): string[] {
  const { username, password } = new URL(url);
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  if (pass === '') return [];
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return [pass, password, base64(pass), base64(`\0${user}\0${pass}`)];
}

export function hostOf(url: string): string {
  const { hostname, port } = new URL(url);
  return port ? `${hostname}:${port}` : hostname;
}

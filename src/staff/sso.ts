import * as oidc from 'openid-client';
import type { Oidc } from '../config.ts';
import { type Role, roles } from '../domain/words.ts';

/** What must come back from the provider as it went out; kept in the browser, sealed. */
export interface Begun {
  state: string;
  nonce: string;
  verifier: string;
  /** Where she was going. */
  to: string;
}

/** Whom the provider vouches for. */
export interface Vouched {
  /** Issuer and subject: the one thing about her that never changes. */
  subject: string;
  /** Null where the provider does not say that it is hers. */
  email: string | null;
  name: string;
  /** Undefined where the claim of roles is not there; null where it names none of ours. */
  role: Role | null | undefined;
}

const scope = 'openid email profile';
const timeoutSeconds = 8;

/** The address of the provider to send her to, and what must come back. Throws where the provider does not answer. */
export async function beginSso(
  settings: Oidc,
  { baseUrl, to }: { baseUrl: string; to: string },
): Promise<{ way: string; begun: Begun }> {
  const provider = await discovered(settings);
  const begun = {
    state: oidc.randomState(),
    nonce: oidc.randomNonce(),
    verifier: oidc.randomPKCECodeVerifier(),
    to,
  };
  const way = oidc.buildAuthorizationUrl(provider, {
    redirect_uri: backAt(baseUrl),
    scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
  });
  return { way: way.href, begun };
}

/** Whom the provider vouches for; throws where the answer is not one to what was begun, or was used before. */
export async function finishSso(
  settings: Oidc,
  { baseUrl, query, begun }: { baseUrl: string; query: string; begun: Begun },
): Promise<Vouched> {
  const provider = await discovered(settings);
  const answer = new URL(`${backAt(baseUrl)}${query}`);
  const tokens = await oidc.authorizationCodeGrant(provider, answer, {
    pkceCodeVerifier: begun.verifier,
    expectedState: begun.state,
    expectedNonce: begun.nonce,
    idTokenExpected: true,
  });
  const inToken = tokens.claims()!;
  // Many providers put no more than the subject into the token.
  const asked = provider.serverMetadata().userinfo_endpoint
    ? await oidc.fetchUserInfo(provider, tokens.access_token, inToken.sub)
    : {};
  return vouched({ ...inToken, ...asked }, settings.roleClaim);
}

function vouched(claims: Record<string, unknown>, roleClaim: string | null): Vouched {
  const { iss, sub, email, email_verified, name } = claims;
  return {
    subject: `${iss} ${sub}`,
    email: typeof email === 'string' && email_verified === true ? email : null,
    name: typeof name === 'string' ? name : '',
    role: roleClaim === null ? undefined : highest(claims[roleClaim]),
  };
}

function highest(claim: unknown): Role | null | undefined {
  if (claim === undefined || claim === null) return undefined;
  const named = [claim].flat();
  return roles.findLast((role) => named.includes(role)) ?? null;
}

const providers = new WeakMap<Oidc, Promise<oidc.Configuration>>();

/** Asked for when somebody needs it, so that a provider that is away does not stop the start; kept once it answered. */
function discovered(settings: Oidc): Promise<oidc.Configuration> {
  const there = providers.get(settings);
  if (there) return there;
  const issuer = new URL(settings.issuer);
  const asked = oidc.discovery(issuer, settings.clientId, settings.clientSecret, undefined, {
    timeout: timeoutSeconds,
    execute: issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [], // this machine alone, says config.ts
  });
  providers.set(settings, asked);
  asked.catch(() => providers.delete(settings));
  return asked;
}

function backAt(baseUrl: string): string {
  return `${baseUrl}/admin/sso/back`;
}

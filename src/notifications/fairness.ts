/** How many mails at a time a domain may have, so that one slow mail host does not hold up everybody else. */
export interface Fairness {
  /** A mail to this domain is under way; call the answer with whether it was taken. */
  began(domain: string): (taken: boolean) => void;
  /** The domains that may have no further mail just now. */
  full(): string[];
}

/**
 * Two at a time for a domain we do not know, all `slots` once it answered within `slowMs`, and one once it
 * took longer or has a mail under way for longer. `clock` in milliseconds.
 */
export function fairness(
  slots: number,
  slowMs = 2_000,
  clock: () => number = () => performance.now(),
): Fairness {
  const known = new Map<string, 'fast' | 'slow'>();
  const underWay = new Map<string, Set<{ since: number }>>();

  function capOf(domain: string, mails: Set<{ since: number }>): number {
    const waiting = [...mails].some((mail) => clock() - mail.since > slowMs);
    if (waiting || known.get(domain) === 'slow') return 1;
    return known.get(domain) === 'fast' ? slots : Math.min(2, slots);
  }

  return {
    began(domain) {
      const mail = { since: clock() };
      const mails = underWay.get(domain) ?? new Set();
      underWay.set(domain, mails.add(mail));
      return (taken) => {
        mails.delete(mail);
        if (mails.size === 0) underWay.delete(domain);
        if (known.size > 10_000) known.clear();
        if (clock() - mail.since > slowMs) known.set(domain, 'slow');
        else if (taken) known.set(domain, 'fast');
      };
    },
    full: () =>
      [...underWay].filter(([domain, mails]) => mails.size >= capOf(domain, mails)).map(([domain]) => domain),
  };
}

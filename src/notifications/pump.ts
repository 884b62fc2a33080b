import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Pump {
  /** There may be something due: cheap, and never lost, also while the pump is at work. */
  poke(): void;
  /** Begins nothing new, waits for what is under way at most `graceMs`, then hangs up. Calling twice is safe. */
  stop(graceMs: number): Promise<void>;
}

/** When a pump begins nothing new (`closing`), and when what is under way must end too (`closed`). */
export interface Hours {
  closing: AbortController;
  closed: AbortController;
}

export interface Pumping<Item> {
  hours: Hours;
  /** How many at a time. */
  slots: number;
  /** Run once, before anything else. */
  first?: () => Promise<unknown>;
  /** Takes what is due next; null when there is nothing. */
  next(): Promise<Item | null>;
  /** Does it. Never throws. */
  work(item: Item): Promise<unknown>;
  /** `next` or `first` threw; the next poke tries again. */
  onTrouble(error: Error): void;
}

export function newHours(): Hours {
  const hours = { closing: new AbortController(), closed: new AbortController() };
  setMaxListeners(0, hours.closed.signal); // whatever is under way listens
  return hours;
}

/** Works when poked, so many at a time, until nothing more is due; a clock somewhere should poke it now and then. */
export function startPump<Item>({ hours, slots, first, next, work, onTrouble }: Pumping<Item>): Pump {
  const { closing, closed } = hours;
  const underWay = new Set<Promise<void>>();
  let pumping = false;
  let again = false;
  let fresh = first !== undefined;

  function poke(): void {
    again = true;
    if (!pumping) void pump();
  }

  async function pump(): Promise<void> {
    pumping = true;
    try {
      if (fresh) await first!();
      fresh = false;
      while (again && !closing.signal.aborted) {
        again = false;
        await fillSlots();
      }
    } catch (error) {
      onTrouble(error as Error);
    } finally {
      pumping = false; // in the same breath as the last look at `again`, so that no poke falls between
    }
  }

  async function fillSlots(): Promise<void> {
    while (underWay.size < slots && !closing.signal.aborted) {
      const item = await next();
      if (item === null) return;
      begin(item);
    }
  }

  function begin(item: Item): void {
    const done = work(item).then(() => {
      underWay.delete(done);
      poke();
    });
    underWay.add(done);
  }

  async function quiet(): Promise<void> {
    while (pumping || underWay.size > 0) await Promise.race([...underWay, sleep(20)]);
  }

  return {
    poke,
    async stop(graceMs) {
      closing.abort();
      const hangUp = setTimeout(() => closed.abort(), graceMs);
      await Promise.race([quiet(), sleep(graceMs + 1_500, undefined, { ref: false })]);
      clearTimeout(hangUp);
      closed.abort();
    },
  };
}

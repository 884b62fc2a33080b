import type { Condition } from '../domain/affected.ts';
import type { ComponentStatus, Impact } from '../domain/impact.ts';
import type { Kind, Resolution, Status } from '../domain/lifecycle.ts';

export interface Said {
  hoursAgo: number;
  status: Status;
  message: string;
  /** What stood there before it was edited. */
  before?: string;
  resolution?: Resolution;
  fixedFor?: Condition[];
  /** The promise, in hours from now; one in the past is overdue. */
  nextInHours?: number;
  /** When that promise was moved, and to when. */
  movedTo?: { hoursAgo: number; nextInHours: number };
}

/** One issue of the sample, from its first word to its last. */
export interface Chapter {
  key: string;
  kind: Kind;
  impact: Impact;
  title: string;
  parts?: [name: string, status: ComponentStatus][];
  workaround?: string;
  affected?: Condition[];
  /** The key of the issue that came back as this one. */
  returnOf?: string;
  beganHoursAgo?: number;
  planned?: { inHours: number; untilHours: number };
  /** How many customers of the ticket system are affected, and what others said with their "me too". */
  people?: number;
  voices?: string[];
  said: [Said, ...Said[]];
}

// What the processes of the bench say to each other.
export type ToSink = { expect: number } | { count: true };
export type FromSink = { ready: number } | { mails: number; people: number } | { all: Arrived };

/** When the first and the last mail of a round came, in milliseconds since 1970. */
export interface Arrived {
  firstAt: number;
  lastAt: number;
  mails: number;
  people: number;
}

/** What a mail of the round says; PERSON stands where each one's own word goes. */
export interface Sample {
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

export interface ToBare {
  people: number;
  raw: boolean;
  sample: Sample;
}

export interface ToNotifier {
  rss: true;
}

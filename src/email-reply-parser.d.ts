declare module 'email-reply-parser' {
  /** A stretch of a mail's text. */
  export interface Fragment {
    getContent(): string;
    isSignature(): boolean;
    isQuoted(): boolean;
    /** What is answered, with the line that says who wrote it. */
    isAnswer(): boolean;
    isEmpty(): boolean;
  }
  // biome-ignore lint/style/noDefaultExport: the library has it so
  export default class EmailReplyParser {
    read(text: string): { getFragments(): Fragment[] };
  }
}

import type { Phrase } from './tone-phrases.ts';

// The words of our trade and what people call the same thing. Words customers meet on their own screen
// ("500 error", "API", "server", "root cause", "deployed a fix") are left alone.

const words: Array<[says: RegExp, better: string]> = [
  [
    /\bupstream (?:providers?|vendors?|partners?|suppliers?|carriers?|services?|networks?)\b/g,
    'a company we depend on',
  ],
  [
    /\bupstream\b(?! (?:provider|vendor|partner|supplier|carrier|service|network))/g,
    'outside this part of our service',
  ],
  [
    /(?<!lymph )\bnodes?\b(?!\.\w| ?js\b| (?:in|of|on) (?:the|a|your) (?:map|mind map|graph|tree|diagram|chart|canvas|workflow))/g,
    'one of our servers',
  ],
  [/\bfail(?:ed|ing|s)?[- ]?over\b/g, 'switching to our spare servers'],
  [
    /\b(?:high |increased |elevated |p\d\d )?latenc(?:y|ies)\b(?: p\d\d)?|\bp9[059]\b/g,
    'pages that are slow to answer',
  ],
  [/\b(?:http )?[45](?:xx|0x)s?\b(?: (?:errors?|responses?|status codes?|rates?))?/g, 'an error page'],
  [
    /\broll(?:ed|ing)? back (?:the |a |our |this |that )?(?:\w+ )?(?:deploy(?:ment)?|release|build)s?\b|\b(?:deploy(?:ment)?|release|build)s? (?:was |were |has been |have been |is being )?(?:rolled|rolling) back\b|\brollbacks?\b/g,
    'we have taken back our last change',
  ],
  [/\b(?:bad|faulty|failed|broken) deploy(?:ment)?s?\b/g, 'a change of ours that went wrong'],
  [/\bre-?deploy(?:s|ed|ing|ment|ments)?\b/g, 'putting the corrected version in place'],
  [
    /\b(?:fixed|recent|latest|last|our|the|a) deploys?\b|(?<=^|[.!?\n] ?)deploys\b|\bpreparing a deployment\b|\b(?:recent|our) deployments?\b/g,
    'the new version',
  ],
  [/\bmitigat\w*/g, 'made it better for now'],
  [
    /\b(?:degraded (?:[\w']+ )?(?:performance|service|availability|state)|(?:performance|service) degradation|degradation)\b/g,
    'slow, and sometimes failing',
  ],
  [/\broot[- ]cause analys[ei]s\b|\brcas?\b|\bpost-?mortems?\b/g, 'a report of what went wrong and why'],
  [
    /(?<!(?:linear|logistic|statistical|multiple) )\bregressions?\b(?! (?:analysis|model|line))/g,
    'something that worked before, and that we broke',
  ],
  [/\bhot-?fix(?:es|ed)?\b/g, 'a quick fix'],
  [
    /\b(?:(?:read|database|db|standby) )?replicas?\b(?! of)|\b(?:replication|consumer) lag\b/g,
    'a copy of our database',
  ],
  [/\bdns propagat\w+\b|\bpropagat\w+ (?:of )?(?:the )?dns\b/g, 'until the new address is known everywhere'],
  [/\b(?:dns|host-?name) resolution\b/g, 'finding the addresses of our servers'],
  [/\bcach(?:e|ing) layers?\b|\bvarnish\b|\bmemcached\b/g, 'the part that keeps pages ready'],
  [/\bload[- ]?balancers?\b/g, 'the part that shares the visitors among our servers'],
  [
    /\bk8s\b|\bkubernetes (?:pods?|clusters?)\b|\b(?:database|db|server|compute) clusters?\b|\bshards?\b/g,
    'some of our servers',
  ],
  [/\bback-?fill\w*/g, 'filled in afterwards'],
  [
    /\belevated (?:levels? of |number of |rates? of )?(?:[\w']+ )?(?:errors?|error rates?|failures?|failure rates?)(?: rates?)?\b/g,
    'more errors than usual',
  ],
  [/\b(?:elevated|increased) response times?\b/g, 'slower pages than usual'],
  [/\bsev ?-?[0-5]\b/g, 'a serious failure'],
  [
    /\b(?:race condition|memory leak|null pointer|stack trace|connection pool|deadlocks?)\b/g,
    'a mistake in our program',
  ],
  [/\b(?:background workers?|cron ?jobs?)\b/g, 'the part of our service that works in the background'],
  [
    /\bbgp\b|\bcdn\b|\bback-?end(?: (?:issue|problem|service|system|server)s?)?\b/g,
    'a part of our service that you do not see',
  ],
];

export const jargon: Phrase[] = words.map(([says, better]) => ({
  kind: 'jargon',
  says,
  why: 'Most customers do not know this word.',
  better,
}));

import type { Finding, ToneContext } from './tone.ts';
import type { Heard, Sentence } from './tone-text.ts';

const count =
  '(?:\\d{1,3}(?:\\.\\d)?(?:(?:-| - | to | or )\\d{1,3})?|an?|one|two|three|four|five|six|ten|fifteen|twenty|thirty|half an|a few|few|couple of|the|coming)';
const filler =
  '(?:(?:the|about|around|approximately|roughly|at most|less than|another|next|coming|up to) ){0,3}';
const days = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';

/** A time one can wait for. What began at a time is not one. */
const timed = new RegExp(
  [
    '(?<!(?:since|from|after|began at|started at) )\\b\\d{1,2}(?::\\d\\d| ?(?:[ap]m|[ap]\\.m\\.))',
    '\\b(?:noon|midday|midnight|hourly|tomorrow|tonight|(?<!earlier )today|this (?:morning|afternoon|evening|week))\\b',
    `\\b(?:by|on|before|until|next) (?:the )?(?:end of|close of|${days}|week|month|\\d{1,2} [a-z]{3})`,
    `\\b(?:within|in|every|another|next|under) ${filler}${count} ?(?:(?:more|business|working) )?(?:minutes?|mins?|hours?|hrs?|h|days?|weeks?)\\b`,
    '\\[[^\\][\\n]{1,30}\\]',
  ].join('|'),
);

const someday =
  /\b(?:soon(?! after| as\b|er\b)|shortly(?! after| before| afterwards| following| thereafter)|momentarily|in due course|in the near future|before (?:too )?long|at a later (?:time|date)|check back later|(?:updates?|details|information|news) (?:to|will) follow)\b/;
const notAPromise = /\b(?:too|so|how|as|very|this|that|was|were|ended|recovered|restored) $/;
const ahead =
  /\b(?:will|shall|should|hope|hoping|expect|expects|plan|going to|aim|to be|be|back|more|updates?|details|news|follow|coming|keep)\b|'ll\b/;
const news =
  "(?:(?:\\bwe )?(?:\\bwill|\\bshall|\\bto|\\bshould|\\bplease)|(?:\\bwe)?'ll|\\band(?= update))(?: (?:continue to|also|be able to))? (?:(?!up)\\w+ )?";
const tell =
  '(?:updat\\w*|post\\w*|provid\\w*|shar\\w*|send\\w*|report|inform|notify|let you know|follow up|get back|be in touch|be (?:posted|provided|shared|given))';
const vague =
  '(?:as|when|once|as soon as|whenever|if) (?:(?:we|our \\w+) (?:have|has|get|gets|receive|receives|learn|know|find)(?: out)? (?:more|new|further|additional|any|it|them|something|information|news|details|an update)(?: (?:information|details|news|updates?))?|(?:more|new|further|additional|any)?(?: \\w+)? ?(?:information|details?|news|updates?) (?:is|are|becomes?|comes?|surfaces?|arrives?)(?: available)?|(?:they|it) (?:(?:is|becomes?) available|comes? in))';
const whenWeKnow = new RegExp(
  `${news}${tell}\\b[^.!?]{0,60}\\b(?:${vague})|\\b(?:${vague})\\b[^.!?]{0,30}${news}${tell}\\b`,
);
const stayTuned =
  /(?:\b(?:we )?(?:will|please|to) |(?:\bwe)?'ll |\b)(?:(?:continue to )?keep (?:you|everyone|customers|users|all|this page)(?: all)? (?:posted|updated|informed|in the loop|up to date)|stay tuned|watch this space)\b/;
const justUpdate =
  /(?:\b(?:we )?will|(?:\bwe)?'ll)(?: continue to)? (?:update|post(?: an)? updates?|provide(?: an)? updates?|update (?:you|this page|this status))(?: (?:here|this page|you|further|on this page))?(?= ?[.!]?\s*$)|\bupdates? as (?:needed|necessary|appropriate)\b|\b(?:will|and) get back to you(?= ?[.!]?\s*$)/;
const anEvent = /\b(?:once|when|until|after|as soon as)\b/;

const better = 'We will write here again by [time], even if nothing is new by then.';

/** Promises of news or of an end without a time; at most one a sentence. Silent when the form gives the time. */
export function openPromises({ sentences }: Heard, { promised }: ToneContext): Finding[] {
  if (promised) return [];
  return sentences.flatMap((sentence) => {
    const found = sentence.text.length > 8 ? promiseIn(sentence.text) : null;
    if (!found || timed.test(sentence.text)) return [];
    const start = sentence.start + found.index;
    const why = 'Nobody knows when to look again.';
    return [{ kind: 'promise' as const, start, end: start + found[0].length, phrase: found[0], why, better }];
  });
}

function promiseIn(sentence: string): RegExpExecArray | null {
  const soon = someday.exec(sentence);
  if (soon && ahead.test(sentence) && !notAPromise.test(sentence.slice(0, soon.index))) return soon;
  const vaguely = whenWeKnow.exec(sentence) ?? justUpdate.exec(sentence);
  if (vaguely) return vaguely;
  const posted = stayTuned.exec(sentence);
  return posted && !anEvent.test(sentence.slice(posted.index + posted[0].length)) ? posted : null;
}

const broken =
  /\b(?:cannot|can't|can not|could not|unable|(?:not|n't) (?:work|load|open|send|updat|arriv|display|appear|show|sync|process|connect|being)\w*|down|unavailable|offline|fail(?:s|ed|ing|ures?)?|errors?|slow(?:ly|er|ness)?|sluggish|delay(?:s|ed)?|troubles?|issues?|problems?|outages?|missing|lost|prevent(?:s|ing)|inaccessible|broken|disrupt\w*|timeouts?)\b/;
const followsUp =
  /\b(?:still|continu\w*|remain\w*|a fix|the fix|fixed|deploy\w*|we have implemented|implemented|monitoring|progress|no new|no update|restored|resolved|recover\w*|back (?:up|to|online)|(?:have|we've) (?:now )?(?:identified|found|located|narrowed)|earlier|again|update:|no longer|closer)\b/;
const namesAWay =
  /\b(?:you (?:can|may (?:still|continue)|could|do not|don't|need|will not need|won't|should)|please (?!bear|accept|be|note|stand|know)|instead|(?:in the )?meantime|meanwhile|for now|for the moment|until|no need|nothing (?:you|for you)|no action|work-?arounds?|reload\w*|retr(?:y|ying)|try(?:ing)? again|by (?:hand|phone|post|mail|e-?mail)|call us|avoid|hold off|wait|unaffected|(?:not|n't) (?:\w+ )?(?:affected|impacted|lost)|(?:still|are|is|work|works|working) (?:\w+ ){0,3}(?:as (?:expected|usual|normal)|safe|normally)|no (?:\w+ )?(?:data|orders?|messages?|payments?|money|files?|mail|mails|e-?mails?)(?: \w+)? (?:is|are|was|were|has|have|will be) (?:been )?(?:lost|missing|affected)|saved|(?:will|'ll) (?:all |still |automatically |then )?(?:be )?(?:\w+ )?(?:sent|delivered|processed|retried|refunded|queued|caught up|arrive|credited|re-?booked|kept))\b/;

/** An announcement of an open failure long enough to say what to do meanwhile, and that does not. */
export function lacksAWay({ text, sentences }: Heard, context: ToneContext): Finding[] {
  if (context.occasion !== 'update' || context.kind === 'maintenance' || context.workaround) return [];
  const isAnnouncement = text.split(/\s+/).length >= 30 && broken.test(text) && !followsUp.test(text);
  if (!isAnnouncement || namesAWay.test(text) || sentences.some((one: Sentence) => timed.test(one.text))) {
    return [];
  }
  return [
    {
      kind: 'meanwhile',
      start: 0,
      end: 0,
      phrase: '',
      why: 'It says what is broken, but not what people can do until it works.',
      better:
        'Until it works, you can [pay by invoice]. If you can wait, there is nothing you need to do: [your basket is kept].',
    },
  ];
}

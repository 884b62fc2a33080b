import type { Finding, ToneOccasion } from './tone.ts';

/** A phrase that was found, with the words around it; all in small letters, without marks. */
export interface Place {
  phrase: string;
  sentence: string;
  /** What of the sentence stands behind it. */
  after: string;
  /** The text asks, offers or admits something: see leavesOpen. */
  isOpen: boolean;
  occasion: ToneOccasion;
}

/** A way of speaking, how it sounds to a customer, and what to say instead. */
export interface Phrase {
  kind: Finding['kind'];
  says: RegExp;
  why: string;
  better: string;
  /** Where the same words are honest. */
  unless?: (place: Place) => boolean;
}

const withUs = '(?:end|side|part)';

/** Our own doing is named beside it: then it is a workaround, not a reproach. */
const isOurs =
  /\b(?:our (?:own )?(?:mistake|fault|doing|error|bug|change|release)|because we|we (?:broke|cached))\b/;
const isOver =
  /\b(?:again|back|now|once|restored|resolved|should|will|until|other|still|rest|fix(?:ed)?|all)\b/;

const open =
  /\b(?:(?:could|can|would|will) you (?:please )?(?!clear|try)|please (?:send|tell|share|write|reply|describe|attach|keep)|(?:tell|send|show|write to|call) us|reply (?:to|with)|let us know (?!if you have any|if there is any|should)|does(?: not|n't) mean|(?:do not|don't) doubt|believe you|take your word|keep(?:ing)? (?:looking|trying|watching|this open|it open|your report)|(?:are|am) still (?:looking|trying|searching)|(?:go on|continue) looking|call you|(?:what (?!else)|which|when|where)\b[^.!?\n]{0,200}\?)/;

/** Whether a question, an offer or an admission stands beside "we cannot see it". */
export function leavesOpen(text: string): boolean {
  return open.test(text);
}

const toCustomer =
  /\b(?:please (?!be |bear|note|know|accept|rest|stand)|(?:could|can|would|will) you |you (?:should|must|need to|will need|have to|can)|we (?:recommend|advise|urge|ask you)|your (?:password|card|key|keys|token|tokens))\b/;

export const blame: Phrase[] = [
  {
    kind: 'blame',
    says: /\b(?:(?:clear(?:ing)?|empty(?:ing)?|delet(?:e|ing)|flush(?:ing)?|(?:you|you have|you've) (?:already )?cleared)(?: out)? (?:all )?(?:of )?your (?:[\w']+ ){0,3}(?:caches?|cookies|brows(?:ing|er) (?:data|history))|(?:please|try|try to|by) clear(?:ing)? (?:the |any |all )?(?:browser |web )?(?:caches?|cookies))\b/g,
    why: 'It sounds as if the fault sat in the customer’s own browser.',
    better:
      'This is on our side, and there is nothing you need to change. If you see it again, tell us what you saw.',
    unless: ({ sentence }) => isOurs.test(sentence),
  },
  {
    kind: 'blame',
    says: /\b(?:(?:user|customer|operator|pilot|pebkac|layer 8)[- ]errors?|errors? by the (?:user|customer)|(?:your|the user's|the customer's) (?:own )?(?:fault|mistake|error|misuse|misunderstanding)|(?:improper|incorrect|wrong) use (?:of|by))\b/g,
    why: 'It tells the customer that she did it wrong.',
    better: 'The page led you to something that did not work. It is not your fault.',
    unless: ({ phrase, after }) =>
      /error$/.test(phrase) && /^ (?:message|page|report|screen|log)/.test(after),
  },
  {
    kind: 'blame',
    says: new RegExp(
      `\\b(?:errors?|issues?|problems?|mistakes?|faults?|cause|bug|lies|is|be|something)\\b(?: [\\w']+){0,4} (?:on|at|from) (?:your|the user's|the customer's|the client's) ${withUs}\\b`,
      'g',
    ),
    why: 'It hands the problem back to the one who reported it.',
    better: 'We have not found the cause yet, and we are still looking on our side.',
    unless: ({ phrase, sentence }) =>
      /\?\W*$/.test(sentence) || /\bnot\b|n't\b/.test(phrase) || /\b(?:nothing|need(?:ed)?)\b/.test(sentence),
  },
  {
    kind: 'blame',
    says: /\b(?:(?:caused by|due to|because of|problem with|issue with|check|(?:is|be|lies|lie|seems to be|appears to be)(?: most)?(?: likely| probably)? with|something wrong with) your (?:own )?(?:[\w']+ ){0,2}(?:browser|computer|device|phone|internet|connection|network|wi-?fi|settings|setup|configuration|firewall|ad-?blocker))\b/g,
    why: 'It makes the customer look for a fault at home that may be ours.',
    better: 'Tell us which device and browser you use, and we will look for it with the same ones.',
    unless: ({ sentence }) => isOurs.test(sentence),
  },
  {
    kind: 'blame',
    says: /\bhave you (?:already )?tried (?:to )?(?:(?:turn|switch)(?:ing)?|clear(?:ing)?|restart(?:ing)?|reboot(?:ing)?|reinstall(?:ing)?|reload(?:ing)?|refresh(?:ing)?|another|a different|using (?:a different|another))\b/g,
    why: 'It sets the customer a task before anybody has looked.',
    better: 'We are looking at it ourselves now. What did the page show you when it failed?',
  },
  {
    kind: 'blame',
    says: /\b(?:please |kindly |you should |you could )(?:try|use)(?: using| it (?:on|in|with)| with| in| on)? (?:a different|another) (?:browser|computer|device|phone|network)\b/g,
    why: 'Without a word on why, it sounds as if the customer’s own browser were to blame.',
    better: '[Firefox] shows it correctly until we have mended it for every browser.',
    unless: ({ sentence }) =>
      /\b(?:until|meanwhile|in the meantime|for now|while we|works?|because)\b/.test(sentence),
  },
  {
    kind: 'blame',
    says: /\b(?:work(?:s|ing|ed)?|function(?:s|ing)?|behav(?:es?|ing)|perform(?:s|ing)?|operat(?:es|ing)) (?:exactly |just |perfectly )?as (?:it (?:is )?)?(?:expected|intended|designed|it should)\b|\b(?:(?:is|was|be) )(?:an? |the )?(?:expected|intended) behaviou?r\b|\bthis is (?:by design|not a bug|how it works)\b/g,
    why: 'It tells somebody for whom it does not work that it works.',
    better: 'You expected something else, and the page did not say so. This is what it does, and why: […].',
    unless: ({ phrase, sentence, after }) =>
      /^ only\b/.test(after) ||
      (phrase.includes('expected') &&
        !phrase.includes('behavio') &&
        !/^ (?:on|at|from) our (?:end|side)/.test(after) &&
        isOver.test(sentence)),
  },
  {
    kind: 'blame',
    says: /\b(?:(?:unable|not able|failed) to|(?:can|could)(?:not|n't| not)|(?:have|were|was|did|do|does)(?: not|n't)(?: been able to)?|(?:haven't|weren't) (?:been )?able to) (?:reproduce|replicate|recreate|(?:see|find|detect) (?:any|the|this|your|an|a) (?:issues?|errors?|problems?|faults?)(?! in (?:our|the)))\b|\b(?:everything|all) (?:looks|seems|appears|is) (?:to be )?(?:working |running |operating )?(?:fine|good|normal|normally|ok|okay|healthy|correctly|working|well)(?: (?:on|at|from) our (?:end|side))\b|\b(?:our )?logs show no \w+|\bnot (?:an? |any )?(?:issues?|problems?|errors?|bugs?|faults?) (?:on|at|from) our (?:end|side)\b|\bworks (?:fine |perfectly |well )?(?:for (?:me|us)|on (?:my|our) (?:machine|end|side|computers?))\b/g,
    why: 'Standing alone, it says that we do not believe the customer.',
    better:
      'We have not seen it ourselves yet. That does not mean it did not happen to you: what did you do just before?',
    unless: ({ isOpen }) => isOpen,
  },
  {
    kind: 'blame',
    says: /\b(?:(?:no|not any) other (?:customers?|users?|people|reports?|complaints?)|(?:nobody|no one|no-one) else (?:has |have )?(?:report|complain|see|experienc|mention)\w*|you(?:'re| are) the (?:only|first) (?:one|customer|user|person))\b/g,
    why: 'It makes the customer feel alone, as if it did not count.',
    better: 'You are the first to tell us about this, and we are glad you did: now we can look for it.',
    unless: ({ phrase, sentence, after }) =>
      (phrase.includes('first') && /\b(?:thank|glad|help|grateful)/.test(sentence)) ||
      /^ (?:are|is|were|was|saw|can|could) (?:\w+ )?(?:affected|seen|see|touched|hit)\b/.test(after),
  },
  {
    kind: 'blame',
    says: /\b(?:you (?:must|probably|clearly|obviously)(?: have)? (?:forgot\w*|miss\w*|click\w*|enter\w*|typ(?:ed|o)|delet\w*|made|used|chose\w*|turned|changed|overlooked|did)|you (?:failed|neglected|forgot) to|you (?:did not|didn't) (?:follow|read|complete|enter|check)|you should(?:'ve| have)|you claim(?:ed)? (?:that|to|it)|the alleged (?:bug|issue|problem|error|fault|failure)|as stated in our|as (?:we |i )?(?:already |previously |clearly |have already )+(?:stated|mentioned|explained|told|said|advised|communicated|informed)|per (?:my|our) (?:last|previous) (?:e-?mail|message|reply)|feel that way|if you had (?:read|followed|checked))\b/g,
    why: 'It puts the customer in the wrong.',
    better: 'We are sorry this went wrong for you. This is what happened: […].',
    unless: ({ phrase, after }) =>
      phrase.startsWith('you should') && /^ (?:received|got|been able|had|seen|heard)/.test(after),
  },
];

export const empty: Phrase[] = [
  {
    kind: 'empty',
    says: /\b(?:(?:apologi[sz]e|apologi[sz]ing|apolog(?:y|ies)|sorry|regret) (?:[\w']+ ){0,6}inconveniences?(?: (?:this|it|that) (?:may|might|has|will|could)?(?: have)? ?caused?| caused)?|any inconvenience|inconvenience (?:this |it )?(?:may have |might have |has )?caused|(?:apolog\w+|sorry|regret) (?:[\w']+ ){0,3}any (?:disruption|trouble|confusion|issues|problems|delays?))\b/g,
    why: 'Everybody has read it a hundred times, and it does not say what went wrong.',
    better: 'You could not [do your work] for [two hours]. That was our mistake, and we are sorry.',
  },
  {
    kind: 'empty',
    says: /\b(?:as soon as (?:possible|we (?:possibly )?can|is possible)|asap|as (?:quickly|fast|swiftly|promptly) as (?:possible|we (?:possibly )?can)|at (?:the|our|your) earliest (?:convenience|opportunity)|in a timely manner)\b/g,
    why: 'It names no time, so nobody can plan by it.',
    better: 'We will tell you by [time] how far we are.',
    unless: ({ sentence }) => toCustomer.test(sentence),
  },
  {
    kind: 'empty',
    says: /\b(?:your (?:[\w']+ ){1,3}(?:is|are) (?:very |extremely |so |highly |really )?(?:important|valued|valuable) (?:to|for) us|(?:we )?(?:take|takes|taking) (?:[\w',]+ ){1,8}?(?:very |extremely |so |most |incredibly )?seriously|(?:our|your) (?:top|number one|highest|utmost|first) (?:priority|concern|importance)|(?:of )?(?:the )?utmost (?:importance|priority|urgency)|valued (?:customers?|users?|clients?|guests?|members?|passengers?)|we value your|to (?:better serve you|serve you better)|we (?:strive|pride ourselves|are committed) (?:to|on)\b)/g,
    why: 'It speaks about us, and says nothing of what happens next.',
    better: '[Two of us] do nothing else until this works. We will write here again by [time].',
    unless: ({ sentence }) => /\b(?:reports?|you) (?:are|were) (?:not )?taken seriously/.test(sentence),
  },
  {
    kind: 'empty',
    says: /\b(?:(?:thanks|thank you|thankyou|thank)(?: so much| very much| again| everyone| all| you)* for (?:all )?(?:your )?(?:(?!time|help|report)[\w']+ ){0,3}(?:patience|understanding|cooperation|co-operation|bearing with us|being patient)|(?:we )?(?:\w+ )?appreciate your (?:continued |ongoing )?(?:patience|understanding)|your? (?:continued )?(?:patience|understanding) (?:is|are|was) (?:\w+ )?appreciated|bear(?:ing)? with us)\b/g,
    why: 'It thanks people for a patience nobody asked them about.',
    better: 'You have waited since [time], and we know that costs you something.',
  },
  {
    kind: 'empty',
    says: /\b(?:(?:please |you can )?(?:rest|be) assured|(?:do not|don't) hesitate to|we (?:fully |completely |totally )?understand (?:your |how |that this |that it |the |this )(?:[\w']+ ){0,4}?(?:frustrat\w+|inconvenien\w+|annoy\w+|concern)|lessons (?:have been |were |will be )?learn(?:ed|t)|we hear you)\b/g,
    why: 'It is what every company writes, so nobody hears it.',
    better: 'If it still fails for you, write to us: a person reads it.',
    unless: ({ phrase, after }) => phrase.startsWith('lessons') && /^ ?(?::|- )/.test(after),
  },
  {
    kind: 'empty',
    says: /\b(?:work(?:ing|s|ed)? (?:\w+ )?(?:very |extremely |really )?(?:hard|diligently|tirelessly|relentlessly|feverishly|around the clock|round the clock)|all[- ]hands[- ](?:are )?on[- ]deck)\b/g,
    why: 'How hard we work tells nobody how far we are.',
    better: 'We have found where it fails, and we are looking for the cause.',
    unless: ({ after }) => /^ (?:drive|disk|copy)/.test(after),
  },
  {
    kind: 'empty',
    says: /\bsorry (?:if|you feel|that you feel|you are upset)\b/g,
    why: 'It leaves open whether anything happened at all.',
    better: 'We are sorry that you could not [do your work].',
  },
];

export const hiding: Phrase[] = [
  {
    kind: 'hiding',
    says: /\b(?:(?:mistakes|errors) (?:were|have been) made|(?:a mistake|an error) (?:was|has been) made|(?:balls?|things) (?:was|were) (?:dropped|missed)|(?:communication|this|it|things|that) could have been (?:\w+ )?(?:better|clearer|handled better|handled differently|communicated better))\b/g,
    why: 'Somebody did it, and it does not say who.',
    better: 'We made a mistake: […].',
    unless: ({ after }) => /^ by (?:us|our|me)\b/.test(after),
  },
  {
    kind: 'hiding',
    says: /\b(?:(?:steps|measures|(?:corrective |appropriate )?actions?) (?:have been|has been|were|was|are being|is being|will be) (?:taken|put in place|implemented)|(?:appropriate|necessary|corrective) (?:steps|measures|actions?))\b/g,
    why: 'It does not say what was done, so nobody can believe it.',
    better: 'We have changed […], so that it does not happen again.',
    unless: ({ after }) => /^ ?:/.test(after),
  },
  {
    kind: 'hiding',
    says: /\b(?:circumstances (?:beyond|outside)(?: of)? our control|unforeseen (?:circumstances|issues?|events?|difficulties)|(?:operational|technical) (?:difficult(?:y|ies)|reasons?)|technical (?:issues?|problems?|faults?|glitch(?:es)?)(?! (?:with|in|at|on|that|affecting|preventing))|it has come to our attention)\b/g,
    why: 'It names no cause and no damage.',
    better: '[Signing in] does not work at the moment, and we do not know the cause yet.',
  },
  {
    kind: 'hiding',
    says: /\b(?:(?:minor|small|little|slight|brief|tiny|temporary) (?:hiccups?|glitch(?:es)?|blips?|inconvenience|snags?)|(?:hiccups?|blips?))\b/g,
    why: 'It makes small what was not small for the customer.',
    better: '[Signing in] failed for [twenty minutes].',
  },
  {
    kind: 'hiding',
    says: /\b(?:may|might) have (?:experienced|encountered|noticed(?! (?:a|the) new)|been (?:impacted|affected))\b/g,
    why: 'It is over, and it still does not say who was hit and how.',
    better: 'From [time] to [time], [one in ten] customers could not [sign in].',
    unless: ({ occasion, sentence }) => occasion !== 'resolved' || /\d|\bif\b|\?/.test(sentence),
  },
];

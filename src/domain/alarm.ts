import type { ComponentStatus, Impact } from './impact.ts';

const severities: Record<string, Impact> = {
  ...words('critical', 'critical crit fatal emergency emerg page disaster p1 sev1'),
  ...words('major', 'error err major high p2 sev2'),
  ...words('minor', 'warning warn minor medium average p3 sev3'),
  ...words('none', 'info information informational notice none low debug p4 p5 sev4 sev5'),
};

/** How serious an alarm is for customers, from what its monitor calls it; a word we do not know counts as minor. */
export function impactOf(severity: string | null | undefined): Impact {
  const word = (severity ?? '').trim().toLowerCase();
  return Object.hasOwn(severities, word) ? severities[word]! : 'minor';
}

/** The state in which the form of an issue shows a component that an alarm names; staff choose another one there. */
export function touchedBy(impact: Impact): ComponentStatus {
  const states: Record<Impact, ComponentStatus> = {
    critical: 'major_outage',
    major: 'partial_outage',
    minor: 'degraded_performance',
    none: 'degraded_performance',
  };
  return states[impact];
}

/** An address that a page may link to, or null: http and https alone. */
export function webLink(text: string | null | undefined): string | null {
  const link = (text ?? '').trim();
  return link.length <= 2_000 &&
    /^https?:\/\/[^\s\u0000-\u001f\u007f<>"'\\]+$/i.test(link) &&
    URL.canParse(link)
    ? link
    : null;
}

function words(impact: Impact, list: string): Record<string, Impact> {
  return Object.fromEntries(list.split(' ').map((word) => [word, impact]));
}

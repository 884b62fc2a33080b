import * as z from 'zod';
import type { Trx } from '../db.ts';
import { impactOf, webLink } from '../domain/alarm.ts';
import { impacts } from '../domain/impact.ts';
import { cleanLine, cleanText, excerpt } from '../domain/text.ts';
import { sha256 } from '../ids.ts';
import { type Alarm, findComponents, longestMessage, withUnknown } from './read-alarm.ts';

const mostRead = 1_000;
const mostTold = 20;

/** Labels and annotations are what somebody typed into a rule: whatever is no text is left out, and nothing refused. */
const words = z
  .record(z.string(), z.unknown())
  .nullish()
  .catch(null)
  .transform(
    (given): Record<string, string> =>
      Object.fromEntries(
        Object.entries(given ?? {}).filter(
          (pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== '',
        ),
      ),
  );

const loose = z.string().nullish().catch(null);

const alert = z.object({
  status: loose,
  labels: words,
  annotations: words,
  startsAt: loose,
  endsAt: loose,
  generatorURL: loose,
});
type Alert = z.output<typeof alert>;

/** What Prometheus' Alertmanager sends to a webhook: one group of alerts, in its version 4. */
export const alertmanagerBody = z.object({
  status: z.enum(['firing', 'resolved'], 'must be firing or resolved'),
  groupKey: z
    .string('must be the key of the group, as Alertmanager sends it')
    .transform(cleanLine)
    .pipe(z.string().min(1, 'must not be empty')),
  alerts: z.array(z.unknown(), 'must be the list of alerts, as Alertmanager sends it'),
  groupLabels: words,
  commonLabels: words,
  commonAnnotations: words,
  externalURL: loose,
  truncatedAlerts: z.number().int().min(0).nullish().catch(null),
});

/** Shapes the group into one alarm; of very many alerts the first are read, and the others counted. */
export async function readAlertmanager(trx: Trx, body: z.output<typeof alertmanagerBody>): Promise<Alarm> {
  const alerts = body.alerts.slice(0, mostRead).flatMap((one): Alert[] => {
    const read = alert.safeParse(one);
    return read.success ? [read.data] : [];
  });
  const firing = alerts.filter((one) => one.status !== 'resolved');
  const told = body.status === 'firing' && firing.length > 0 ? firing : alerts;
  const uncounted = Math.max(0, body.alerts.length - mostRead) + (body.truncatedAlerts ?? 0);
  const { ids, unknown } = await findComponents(trx, componentsIn(body, told));
  return {
    source: 'alertmanager',
    key: body.groupKey.length > 500 ? `sha256:${sha256(body.groupKey)}` : body.groupKey,
    firing: body.status === 'firing',
    title: titleOf(body, told),
    message: withUnknown(messageOf(body, told, uncounted), unknown),
    impact: worst([body.commonLabels, ...told.map(({ labels }) => labels)].map(({ severity }) => severity)),
    componentIds: ids,
    link: webLink(told[0]?.generatorURL) ?? webLink(body.externalURL),
    startedAt: pick(told, 'startsAt', Math.min),
    endedAt: pick(alerts, 'endsAt', Math.max),
  };
}

type Body = z.output<typeof alertmanagerBody>;

function componentsIn({ commonLabels, commonAnnotations }: Body, alerts: Alert[]): string[] {
  const all = [commonLabels, commonAnnotations, ...alerts.flatMap((one) => [one.labels, one.annotations])];
  return all.flatMap(({ component = '' }) => component.slice(0, 500).split(','));
}

function titleOf({ commonLabels, commonAnnotations, groupLabels }: Body, alerts: Alert[]): string {
  const [first] = alerts;
  const common = commonAnnotations.summary ?? commonAnnotations.title;
  const one = first?.annotations.summary ?? first?.annotations.title;
  const name = commonLabels.alertname ?? groupLabels.alertname ?? first?.labels.alertname;
  const more = !common && one && alerts.length > 1 ? ` (and ${alerts.length - 1} more)` : '';
  return excerpt(`${common ?? one ?? name ?? ''}`, 230) + more || 'An alarm without a name';
}

function messageOf({ commonAnnotations, groupLabels }: Body, alerts: Alert[], uncounted: number): string {
  const common = cleanText(commonAnnotations.description ?? commonAnnotations.message ?? '');
  const each = alerts.map(({ labels, annotations }) => {
    const said =
      annotations.description ?? annotations.message ?? annotations.summary ?? labels.alertname ?? '';
    const where = labels.instance ?? labels.pod ?? labels.job;
    return excerpt(where && !said.includes(where) ? `${where}: ${said}` : said, 300);
  });
  const lines = common ? [] : [...new Set(each)].filter(Boolean);
  const left = Math.max(0, lines.length - mostTold) + uncounted;
  const grouped = Object.entries(groupLabels).map(([name, value]) => `${name} ${value}`);
  return [
    common,
    lines.slice(0, mostTold).join('\n'),
    left > 0 ? `and ${left.toLocaleString('en')} more` : '',
    grouped.length > 0 ? `Grouped by ${excerpt(cleanLine(grouped.join(', ')), 300)}` : '',
  ]
    .filter(Boolean)
    .join('\n\n')
    .slice(0, longestMessage);
}

function worst(severities: (string | undefined)[]): Alarm['impact'] {
  const said = severities.filter((one) => one !== undefined);
  if (said.length === 0) return impactOf(null);
  return impacts[Math.max(...said.map((one) => impacts.indexOf(impactOf(one))))]!;
}

/** Alertmanager writes the year 1 for a time that has not come. */
function pick(alerts: Alert[], field: 'startsAt' | 'endsAt', which: typeof Math.min): Date | null {
  const times = alerts
    .map((one) => Date.parse(one[field] ?? ''))
    .filter((time) => time > Date.UTC(1970, 0, 2) && time < Date.UTC(9999, 0));
  return times.length === 0 ? null : new Date(which(...times));
}

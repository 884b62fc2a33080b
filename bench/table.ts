/** Prints rows under a heading, columns aligned. */
export function printTable(heading: string[], rows: Array<Array<string | number>>): void {
  const all = [heading, ...rows.map((row) => row.map(String))];
  const widths = heading.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const line = (row: string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  console.log(line(all[0]!));
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  for (const row of all.slice(1)) console.log(line(row));
  console.log();
}

/** The value below which `share` of the measurements lie. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** Plain BM25 as a yardstick: lower-case words, k1 1.2, b 0.75, the summary three times, 300 words of the text. */
export function bm25(issues: Array<{ title: string; text: string }>): (query: string) => number[] {
  const texts = issues.map(({ title, text }) =>
    wordsOf(`${title} ${title} ${title} ${text.split(/\s+/).slice(0, 300).join(' ')}`),
  );
  const average = texts.reduce((sum, words) => sum + words.length, 0) / texts.length;
  const postings = new Map<string, Array<[issue: number, often: number]>>();
  texts.forEach((words, issue) => {
    const often = new Map<string, number>();
    for (const word of words) often.set(word, (often.get(word) ?? 0) + 1);
    for (const [word, n] of often) {
      if (!postings.has(word)) postings.set(word, []);
      postings.get(word)!.push([issue, n]);
    }
  });
  return (query) => {
    const scores = new Float64Array(issues.length);
    for (const word of new Set(wordsOf(query))) {
      const found = postings.get(word) ?? [];
      const idf = Math.log(1 + (issues.length - found.length + 0.5) / (found.length + 0.5));
      for (const [issue, n] of found) {
        const length = 0.25 + (0.75 * texts[issue]!.length) / average;
        scores[issue]! += (idf * n * 2.2) / (n + 1.2 * length);
      }
    }
    return [...scores.keys()].filter((i) => scores[i]! > 0).sort((a, b) => scores[b]! - scores[a]!);
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** A pure function of a text that remembers its newest `most` answers, for what many ask one after the other. */
export function rememberOf<Answer>(most: number, answer: (text: string) => Answer): (text: string) => Answer {
  const known = new Map<string, Answer>();
  return (text) => {
    const had = known.get(text);
    if (had !== undefined) return had;
    const fresh = answer(text);
    if (known.size >= most) known.delete(known.keys().next().value!);
    known.set(text, fresh);
    return fresh;
  };
}

/** A question that is to be answered with one of the choices. */
export function askedWithChoices(question: string, choices: readonly string[]): string {
  return `${question} Choose one of these answers: ${choices.join(', ')}.`;
}

/** The choice that a reply names first, and of two that begin there the longer: "black bear" is not "black". */
export function chosenIn(reply: string, choices: readonly string[]): string | undefined {
  const text = plainWords(reply);
  return choices
    .map((choice) => ({ choice, place: text.indexOf(plainWords(choice)) }))
    .filter(({ place }) => place >= 0)
    .toSorted((a, b) => a.place - b.place || b.choice.length - a.choice.length)[0]?.choice;
}

/** Lower case, without punctuation and articles, with a space around each word. */
export function plainWords(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return ` ${words.filter((word) => !/^(a|an|the)$/.test(word)).join(' ')} `;
}

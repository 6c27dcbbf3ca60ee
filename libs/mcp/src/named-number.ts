const words = [
  ...[
    'zero',
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
    'ten',
    'eleven',
    'twelve',
  ],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty'],
];

/** The first number that a reply names, in digits or, up to twenty, in words; 0 where it only says that there is none. */
export function namedNumber(reply: string): number | undefined {
  const text = reply.toLowerCase();
  const [number] = text.match(new RegExp(`\\b(?:\\d+|${words.join('|')})\\b`)) ?? [];
  if (number !== undefined) return /\d/.test(number) ? Number(number) : words.indexOf(number);
  return /\b(?:no|none)\b/.test(text) ? 0 : undefined;
}

/** The objects whose presence in a picture can be judged: every one that some picture of the data is known to show. */
export class KnownObjects {
  private readonly pattern: RegExp | undefined;
  private readonly names: ReadonlyMap<string, string>;

  constructor(names: Iterable<string>) {
    this.names = new Map([...names].map((name) => [name.toLowerCase(), name]));
    const longestFirst = [...this.names.keys()].toSorted((a, b) => b.length - a.length).map(escapeForPattern);
    if (longestFirst.length > 0) {
      this.pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
    }
  }

  /** The known objects that a text names, each once. "A tiger face" names no tiger. */
  mentionedIn(text: string): string[] {
    const found = this.pattern ? (text.match(this.pattern) ?? []) : [];
    return [...new Set(found.map((name) => this.names.get(name.toLowerCase())!))];
  }
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

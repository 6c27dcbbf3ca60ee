export const stylesheet = `
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 78rem; padding: 0 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { white-space: nowrap; padding: .25rem .9rem .25rem 0; text-align: left; border-bottom: 1px solid #8885; }
small, dt { color: GrayText; }
form { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center;
  margin: 1.5rem 0; padding: .6rem 0; background: Canvas; border-bottom: 1px solid #8885; }
fieldset { display: contents; }
legend { display: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(24rem, 1fr)); gap: 1rem; }
article { display: flex; gap: .9rem; padding: .8rem; border: 1px solid #8885; border-radius: .5rem;
  content-visibility: auto; contain-intrinsic-size: auto 12rem; }
article img { width: 112px; height: 112px; object-fit: contain; flex: none; }
dl { margin: 0; min-width: 0; }
.entry { margin-bottom: .4rem; padding-left: .6rem; border-left: 3px solid #2a9d55; }
.entry.wrong { border-color: #d33; }
dt { font-size: .85em; }
dd { margin: 0; overflow-wrap: anywhere; }
ins { display: block; text-decoration: none; color: #d33; }
body:has(#only-errors:checked) .right, body:has(#only-errors:checked) :is(article, section):not(:has(.wrong)) { display: none; }
`;

/** Shows entries of one kind only while that kind's button is pressed. */
export function filterRules(kinds: readonly string[]): string {
  return [...kinds, 'description']
    .flatMap((kind) => [
      `body:has(#${kind}:checked) :is(.entry:not(.${kind}), :is(article, section):not(:has(.${kind}))) { display: none; }`,
      `body:has(#${kind}:checked):has(#only-errors:checked) :is(article, section):not(:has(.wrong.${kind})) { display: none; }`,
    ])
    .join('\n');
}

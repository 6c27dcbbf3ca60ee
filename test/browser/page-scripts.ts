/**
 * Scripts that run inside the page. They are text because the rest of the project knows nothing of the DOM, and
 * should not.
 */

/** Remembers, in `lengths`, how long the answer was each time it changed. */
export const recordLengths = `
  window.lengths = [];
  new MutationObserver(() => {
    lengths.push(document.querySelector('.answer .text')?.textContent.length ?? 0);
  }).observe(document.querySelector('#conversation'), { subtree: true, childList: true });
`;

/** Does something at the first words, as a person with very quick hands would. */
export function atFirstWords(action: string): string {
  return `
    new MutationObserver((_, observer) => {
      if (!document.querySelector('.answer[data-state=streaming]')) return;
      observer.disconnect();
      ${action};
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  `;
}

export const stopAtFirstWords = atFirstWords("document.querySelector('#stop').click()");

/** As if the page had been closed and opened again. */
export const reloadAtFirstWords = atFirstWords('location.reload()');

/** Pastes text files of these names. */
export function giveFiles(names: readonly string[]): string {
  return `{
    const data = new DataTransfer();
    for (const name of ${JSON.stringify(names)}) data.items.add(new File(['text'], name, { type: 'text/plain' }));
    const paste = { bubbles: true, cancelable: true, clipboardData: data };
    document.body.dispatchEvent(new ClipboardEvent('paste', paste));
  }`;
}

/** Drops or pastes a picture, as the browser would report it. */
export function givePicture(event: 'drop' | 'paste', base64: string, name: string): string {
  return `{
    const bytes = Uint8Array.from(atob(${JSON.stringify(base64)}), (character) => character.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], ${JSON.stringify(name)}, { type: 'image/png' }));
    const options = { bubbles: true, cancelable: true };
    document.body.dispatchEvent(
      ${JSON.stringify(event)} === 'drop'
        ? new DragEvent('drop', { ...options, dataTransfer: data })
        : new ClipboardEvent('paste', { ...options, clipboardData: data }),
    );
  }`;
}

/** Renders markdown as the page renders answers, into #rendered, on a page that goes on working. */
export function renderMarkdown(markdown: string): string {
  return `import('/page/markdown.js').then(({ showMarkdown }) => {
    const target = document.createElement('div');
    target.id = 'rendered';
    target.className = 'text';
    document.querySelector('#welcome').prepend(target);
    showMarkdown(target, ${JSON.stringify(markdown)}, false);
  })`;
}

/** What axe finds wrong, a line each. */
export const accessibilityViolations = `axe
  .run(document, { resultTypes: ['violations'] })
  .then(({ violations }) =>
    violations.map(({ id, help, nodes }) => id + ': ' + help + ' ' + nodes.map(({ target }) => target).join(' '))
  )`;

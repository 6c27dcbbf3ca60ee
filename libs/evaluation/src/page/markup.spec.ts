import { html } from './evaluation-page.js';

describe('markup', () => {
  it('escapes text and keeps markup', () => {
    const image = html`<img alt="${'"a" & <b>'}">`;
    expect(html`<p>${image}${[html`<b>${1}</b>`, html`<i>${"it's"}</i>`]}</p>`.source).toBe(
      '<p><img alt="&#34;a&#34; &#38; &#60;b&#62;"><b>1</b>\n<i>it&#39;s</i></p>',
    );
  });
});

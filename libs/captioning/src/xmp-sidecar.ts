import type { Wish } from '#libs/vision-model';

import type { Sidecar } from './caption-store.js';

/**
 * The properties that programs show. Both are language alternatives: `dc:description` is XMP's own (XMP specification
 * part 1, 8.4), `AltTextAccessibility` of the IPTC Photo Metadata Standard since 2021.1.
 */
const properties: Readonly<Record<Wish, { readonly name: string; readonly namespace: string }>> = {
  description: { name: 'dc:description', namespace: 'xmlns:dc="http://purl.org/dc/elements/1.1/"' },
  'alt-text': {
    name: 'Iptc4xmpCore:AltTextAccessibility',
    namespace: 'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"',
  },
};

/** An XMP file (ISO 16684-1) that says what is in the picture beside it. */
export function xmpSidecar(wish: Wish): Sidecar {
  const { name, namespace } = properties[wish];
  return {
    ending: '.xmp',
    contentOf: (text) => `<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" ${namespace}>
   <${name}>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li>
    </rdf:Alt>
   </${name}>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
`,
  };
}

/** XML 1.0 has no way to write most control characters; they are left out. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

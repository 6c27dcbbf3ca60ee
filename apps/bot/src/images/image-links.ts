/** Names of files that their ending calls images, readable or not. */
export const imageFileName = /\.(?:a?png|jpe?g|jfif|webp|gif|avif|heic|heif|tiff?|bmp|ico|jxl|jp2|svg)$/i;

const webAddress = /https?:\/\/[^\s<>|"']*[^\s<>|"').,!?:;]/g;

/** The addresses of images in what a person typed, each once: platforms show previews of them only later. */
export function findImageLinks(text: string): string[] {
  return [...new Set(text.match(webAddress))].filter(isImageLink);
}

/** What a person typed, without the addresses of images: the model must not guess from their names. */
export function withoutImageLinks(text: string): string {
  return trim(text.replaceAll(webAddress, (address) => (isImageLink(address) ? '' : address)));
}

/** Without what is empty around it, but with the indentation of code that begins a line of its own. */
function trim(text: string): string {
  const body = text.trimEnd();
  const withoutBlankLines = body.replace(/^(?:[^\S\n]*\n)+/, '');
  return withoutBlankLines === body ? body.trimStart() : withoutBlankLines;
}

function isImageLink(address: string): boolean {
  return URL.canParse(address) && imageFileName.test(new URL(address).pathname);
}

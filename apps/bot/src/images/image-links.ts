import { imageFileName } from './image-file-name.js';

const webAddress = /https?:\/\/[^\s<>|"']*[^\s<>|"').,!?:;]/g;

/** The addresses of images in what a person typed, each once: platforms show previews of them only later. */
export function imageLinksIn(text: string): string[] {
  return [...new Set(text.match(webAddress))].filter(isImageLink);
}

/** What a person typed besides addresses of images, at whose names the model shall not guess. */
export function withoutImageLinks(text: string): string {
  return text.replaceAll(webAddress, (address) => (isImageLink(address) ? '' : address)).trim();
}

function isImageLink(address: string): boolean {
  return URL.canParse(address) && imageFileName.test(new URL(address).pathname);
}

const webAddress = /https?:\/\/[^\s<>|"']+/g;
const imagePath = /\.(?:png|jpe?g|webp|gif|avif|heic|heif|tiff?|bmp)$/i;

/** The addresses of images in what a person typed, each once: platforms show previews of them only later. */
export function imageLinksIn(text: string): string[] {
  const addresses = [...text.matchAll(webAddress)].map(([address]) => address.replace(/[).,!?:;]+$/, ''));
  return [...new Set(addresses)].filter(
    (address) => URL.canParse(address) && imagePath.test(new URL(address).pathname),
  );
}

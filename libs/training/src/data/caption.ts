const MOST_WORDS = 50;

/**
 * Cleans captions from the web as the original does (MiniGPT-4, blip_processors.py, `BlipCaptionProcessor`):
 * lower case, a space for each of . ! " ( ) * # : ; ~, one space between words, at most 50 words.
 */
export function cleanCaption(caption: string): string {
  return caption
    .toLowerCase()
    .replace(/[.!"()*#:;~]/g, ' ')
    .replace(/\s{2,}/g, ' ')
    .trim()
    .split(' ')
    .slice(0, MOST_WORDS)
    .join(' ');
}

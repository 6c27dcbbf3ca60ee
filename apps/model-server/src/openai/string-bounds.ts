import { maxPromptCharacters, type RequestLimits } from '#libs/engine';
import { faultByFormat, faultSentence } from '#libs/images';
import type { JsonPath, StringBounds } from '../http/json-shape.js';
import { base64In, decodeBase64, longestDataUrl } from './data-url.js';
import { OpenAiRequestError } from './openai-request-error.js';

/** The longest way to write a character, or half of one beyond the first 65,536: `\u0041`. */
const bytesPerCharacter = 6;
/** Some programs write "/" and "+", of which a few images consist mostly, in two bytes or six. */
const escapesOfImages = 2;

/**
 * What the strings of a request may be, so that they are refused while they arrive: what is longer than any prompt has
 * to be an image, and to begin like one.
 */
export function stringBounds(limits: RequestLimits): StringBounds {
  const text = bytesPerCharacter * maxPromptCharacters(limits);
  return {
    text,
    texts: text * (1 + limits.maxImages), // small images pass for texts
    image: escapesOfImages * longestDataUrl(limits),
    requireImage: (beginning, path) => requireImage(unescaped(beginning), path, limits),
    textsTooLong: () => textsTooLong(limits),
  };
}

/** More text than the context can hold. */
export function textsTooLong(limits: RequestLimits, characters?: number): OpenAiRequestError {
  const most = maxPromptCharacters(limits);
  const found =
    characters === undefined
      ? `more than ${most} characters, which`
      : `${characters} characters; more than ${most}`;
  return new OpenAiRequestError(
    'messages',
    `They have ${found} cannot fit the model's context of ${limits.contextLength} tokens.`,
    'context_length_exceeded',
  );
}

function requireImage(beginning: string, path: JsonPath, limits: RequestLimits): void {
  if (!/^data:/i.test(beginning)) throw textsTooLong(limits);
  const place = (path.at(-1) === 'url' ? path.slice(0, -1) : path).join('.');
  const base64 = base64In(beginning, place);
  const fault = faultByFormat(decodeBase64(withoutCutPercent(base64), place));
  if (fault) throw new OpenAiRequestError(place, faultSentence(fault), 'invalid_image');
}

/** The beginning of a JSON string, without an escape that is cut; as it stands where it is no such thing. */
function unescaped(beginning: string): string {
  try {
    return JSON.parse(`"${beginning.replace(/\\(u[\da-f]{0,3})?$/i, '')}"`);
  } catch {
    return beginning;
  }
}

const withoutCutPercent = (text: string) => text.replace(/%[\da-f]?$/i, '');

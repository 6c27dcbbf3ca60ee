import type { LoadedQuestion, NamedImage } from '../chat/loaded-question.js';
import type { ChatMessage } from '../chat/message.js';
import type { Warning } from '../chat/warning.js';
import type { ImageLoader } from './load-images.js';

/** The beginning, the middle and the end. */
const MOST_STILLS = 3;

/**
 * The question with stills in place of its animations, the latest message's first, as far as there is room for them.
 * Where there is none, the model server takes an animation's first frame, and says so.
 */
export async function showAnimations(
  question: LoadedQuestion,
  mostImages: number,
  loader: ImageLoader,
): Promise<LoadedQuestion> {
  const images = new Map<ChatMessage, readonly NamedImage[]>();
  const warnings: Warning[] = [];
  let room = mostImages - [...question.images.values()].flat().length;
  for (const [message, chosen] of [...question.images].toReversed()) {
    const shown: NamedImage[] = [];
    for (const image of chosen) {
      const stills = room > 0 ? await loader.stillsOf(image, Math.min(MOST_STILLS, room + 1)) : [];
      room -= Math.max(0, stills.length - 1);
      if (stills.length === 0) shown.push(image);
      else {
        shown.push(...stills.map((still) => ({ ...image, ...still })));
        warnings.push({ kind: 'stills-looked-at', name: image.name, stills: stills.length });
      }
    }
    images.set(message, shown);
  }
  return { ...question, images, warnings: [...question.warnings, ...warnings] };
}

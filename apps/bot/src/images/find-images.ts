import type { ChatMessage, ImageReference, Warning } from '../chat/index.js';
import type { BotConfig } from '../config/bot-config.js';
import { imageFileName } from './image-file-name.js';

/** The images of a conversation that the model will look at, and what the asker must know about the others. */
export interface FoundImages {
  readonly byMessage: ReadonlyMap<ChatMessage, readonly ImageReference[]>;
  readonly warnings: readonly Warning[];
}

/**
 * Chooses the images to look at. Those of the question (all messages since the bot's last answer) come first, up to
 * `maxPerQuestion`; earlier ones follow, the latest first, as long as `maxInPrompt` allows. What is skipped of the
 * question is named in a warning; what was skipped of earlier messages was named when they were asked.
 */
export function findImages(
  messages: readonly ChatMessage[],
  limits: Pick<BotConfig['images'], 'maxPerQuestion' | 'maxBytes'> & { readonly maxInPrompt: number },
): FoundImages {
  const question = messages.slice(messages.findLastIndex(({ author }) => author.kind === 'bot') + 1);
  const warnings: Warning[] = question.flatMap((message) => message.warnings);
  const byMessage = new Map<ChatMessage, ImageReference[]>();
  const seen = new Set<string>();

  const perQuestion = Math.min(limits.maxPerQuestion, limits.maxInPrompt);
  const beyondLimit: string[] = [];
  let taken = 0;
  for (const message of question) {
    for (const image of message.images) {
      const problem = declaredProblem(image, limits.maxBytes);
      if (isRepeated(image, seen)) continue;
      if (problem) warnings.push({ kind: 'image-skipped', name: image.name, problem });
      else if (taken === perQuestion) beyondLimit.push(image.name);
      else {
        taken++;
        byMessage.set(message, [...(byMessage.get(message) ?? []), image]);
      }
    }
  }
  if (beyondLimit.length > 0) {
    warnings.push({ kind: 'too-many-images', skipped: beyondLimit, limit: perQuestion });
  }

  const earlier = messages.slice(0, messages.length - question.length);
  for (const message of earlier.toReversed()) {
    const usable = message.images.filter(
      (image) => !declaredProblem(image, limits.maxBytes) && !isRepeated(image, seen),
    );
    const kept = usable.slice(0, Math.max(0, Math.min(limits.maxPerQuestion, limits.maxInPrompt - taken)));
    taken += kept.length;
    if (kept.length > 0) byMessage.set(message, kept);
  }
  return { byMessage, warnings };
}

/** True for files that the platform itself says are no images. */
export function isOtherFile({ contentType, name }: ImageReference): boolean {
  return contentType !== undefined && !contentType.startsWith('image/') && !imageFileName.test(name);
}

/** What is wrong with an image by what the platform says of it, before it is fetched. */
function declaredProblem(image: ImageReference, maxBytes: number): 'not-an-image' | 'too-large' | undefined {
  if (isOtherFile(image)) return 'not-an-image';
  if (image.bytes !== undefined && image.bytes > maxBytes) return 'too-large';
  return undefined;
}

/** The same file may be found twice, such as in the message replied to and in the chain. */
function isRepeated(image: ImageReference, seen: Set<string>): boolean {
  const name = image.key ?? image.digest;
  if (name === undefined) return false;
  const repeated = seen.has(name);
  seen.add(name);
  return repeated;
}

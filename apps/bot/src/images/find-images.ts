import type { BotConfig } from '../config/bot-config.js';
import type { ChatMessage, ImageProblem, ImageReference, Warning } from '../contract/index.js';
import { imageFileName } from './image-links.js';

/** The images of a conversation that the model will look at, and what the asker must know about the others. */
interface FoundImages {
  readonly byMessage: ReadonlyMap<ChatMessage, readonly ImageReference[]>;
  readonly warnings: readonly Warning[];
}

interface ImageLimits extends Pick<BotConfig['images'], 'maxPerQuestion' | 'maxBytes'> {
  /** How many images the model takes and tells apart. */
  readonly maxInPrompt: number;
}

/**
 * Chooses the images to look at. The question's images (those of all messages since the bot's last answer) come first,
 * up to `maxPerQuestion`, beginning with its latest message. Images of earlier questions follow, the latest first, as
 * long as `maxInPrompt` allows. A warning names what is skipped of the question; images of earlier messages were named
 * when those were asked. `unusable` are images that were tried and cannot be used: others take their place.
 */
export function findImages(
  messages: readonly ChatMessage[],
  limits: ImageLimits,
  unusable: ReadonlyMap<ImageReference, ImageProblem> = new Map(),
): FoundImages {
  const question = messages.slice(messages.findLastIndex(({ author }) => author.kind === 'bot') + 1);
  const warnings: Warning[] = question.flatMap((message) => message.warnings);
  const byMessage = new Map<ChatMessage, readonly ImageReference[]>();

  const repeated = findRepeatedImages(messages);
  const usableOf = (message: ChatMessage) =>
    message.images.filter(
      (image) => !repeated.has(image) && !unusable.has(image) && !findDeclaredProblem(image, limits.maxBytes),
    );
  const take = (message: ChatMessage, room: number): readonly ImageReference[] => {
    const usable = usableOf(message);
    const kept = usable.slice(0, Math.max(0, room));
    if (kept.length > 0) byMessage.set(message, kept);
    return usable.slice(kept.length);
  };
  const taken = () => [...byMessage.values()].reduce((sum, images) => sum + images.length, 0);

  for (const { name, problem } of question.flatMap(({ images }) =>
    findDeclaredProblems(images, limits.maxBytes),
  )) {
    warnings.push({ kind: 'image-skipped', name, problem });
  }
  const perQuestion = Math.min(limits.maxPerQuestion, limits.maxInPrompt);
  const beyondLimit = question.toReversed().map((message) => take(message, perQuestion - taken()));
  const skipped = beyondLimit.toReversed().flatMap((images) => images.map(({ name }) => name));
  if (skipped.length > 0) warnings.push({ kind: 'too-many-images', skipped, limit: perQuestion });

  const earlier = messages.slice(0, messages.length - question.length);
  const leftOut = earlier
    .toReversed()
    .flatMap((message) => take(message, Math.min(limits.maxPerQuestion, limits.maxInPrompt - taken())));
  if (leftOut.length > 0 && taken() === limits.maxInPrompt) {
    warnings.push({ kind: 'earlier-images-left-out', limit: limits.maxInPrompt });
  }
  return { byMessage, warnings };
}

/** True for files that the platform itself says are no images. */
export function isOtherFile({ contentType, name }: ImageReference): boolean {
  return contentType !== undefined && !contentType.startsWith('image/') && !imageFileName.test(name);
}

function findDeclaredProblems(images: readonly ImageReference[], maxBytes: number) {
  return images.flatMap((image) => {
    const problem = findDeclaredProblem(image, maxBytes);
    return problem ? [{ name: image.name, problem }] : [];
  });
}

/** What is wrong with an image according to the platform, before it is fetched. */
function findDeclaredProblem(
  image: ImageReference,
  maxBytes: number,
): 'not-an-image' | 'too-large' | undefined {
  if (isOtherFile(image)) return 'not-an-image';
  if (image.bytes !== undefined && image.bytes > maxBytes) return 'too-large';
  return undefined;
}

/** The same file may be found twice, such as in the message replied to and in the chain. The latest place counts. */
function findRepeatedImages(messages: readonly ChatMessage[]): ReadonlySet<ImageReference> {
  const seen = new Set<string>();
  const repeated = new Set<ImageReference>();
  for (const image of messages.toReversed().flatMap(({ images }) => images)) {
    const name = image.key ?? image.digest;
    if (name === undefined) continue;
    if (seen.has(name)) repeated.add(image);
    seen.add(name);
  }
  return repeated;
}

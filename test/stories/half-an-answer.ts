import type { Answer, ChatPlatform, Question } from './chat-platform.js';
import type { DirectedModel } from './directed-model.js';
import { bat } from './pictures.js';

/** A question about the bat, and its answer as it stands when the model pauses in the middle of it. */
export async function halfAnAnswer(
  chat: ChatPlatform,
  model: DirectedModel,
): Promise<{ question: Question; half: Answer }> {
  model.pause();
  const question = await chat.ask('What is this?', { pictures: [bat] });
  const half = await question.until('half an answer', ({ text }) => text.startsWith('It'));
  return { question, half };
}

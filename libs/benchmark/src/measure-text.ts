import type { TextModel } from './text-model.js';

/** Tokens per second of one reply after a prompt, without the prompt's own time. */
export async function decodeRate(model: TextModel, prompt: string, newTokens: number): Promise<number> {
  const { firstToken, end } = await timedReply(model, prompt, newTokens);
  return (newTokens - 1) / (end - firstToken);
}

/** Prompt tokens per second until the reply's first token. */
export async function prefillRate(model: TextModel, prompt: string, promptTokens: number): Promise<number> {
  return promptTokens / (await timeToFirstToken(model, prompt));
}

/** Seconds from asking to the first token. */
export async function timeToFirstToken(model: TextModel, prompt: string): Promise<number> {
  const { firstToken } = await timedReply(model, prompt, 1);
  return firstToken;
}

/** Tokens per second of several replies together, from when all of them have begun until the first one ends. */
export async function totalDecodeRate(
  model: TextModel,
  prompts: readonly string[],
  newTokens: number,
): Promise<number> {
  const tokenTimes = await Promise.all(
    prompts.map(async (prompt) => {
      const times: number[] = [];
      await model.generate(prompt, newTokens, () => times.push(performance.now() / 1000));
      return times;
    }),
  );
  const allRunning = Math.max(...tokenTimes.map((times) => times[0]!));
  const firstEnd = Math.min(...tokenTimes.map((times) => times.at(-1)!));
  const counted = tokenTimes.flat().filter((time) => time > allRunning && time <= firstEnd);
  return counted.length / (firstEnd - allRunning);
}

/** Times in seconds since asking. */
async function timedReply(
  model: TextModel,
  prompt: string,
  newTokens: number,
): Promise<{ firstToken: number; end: number }> {
  const startedAt = performance.now();
  const times: number[] = [];
  await model.generate(prompt, newTokens, () => times.push((performance.now() - startedAt) / 1000));
  if (times.length !== newTokens) {
    throw new Error(`The model gave ${times.length} tokens where ${newTokens} were asked for.`);
  }
  return { firstToken: times[0]!, end: times.at(-1)! };
}

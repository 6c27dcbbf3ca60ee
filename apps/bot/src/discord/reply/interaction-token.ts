import { type BaseInteraction, InteractionContextType } from 'discord.js';

import { AnswerCancelled } from '../../contract/index.js';

/** "Interaction tokens are valid for 15 minutes" (Discord docs, Receiving and Responding). */
const tokenMs = 15 * 60_000;
/** Room for the last edit. */
const marginMs = 30_000;

/** True where the bot itself is a member: it can go on writing there when an interaction's token is void. */
export function outlivesToken(interaction: BaseInteraction): boolean {
  return interaction.inCachedGuild() || interaction.context === InteractionContextType.BotDM;
}

/** Answers, and ends the answer while the token of the interaction is still good for a last edit. */
export async function whileTokenLasts(
  { createdTimestamp }: BaseInteraction,
  answer: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const end = new AbortController();
  const left = createdTimestamp + tokenMs - marginMs - Date.now();
  const timer = setTimeout(() => end.abort(new AnswerCancelled('time')), Math.max(0, left));
  try {
    await answer(end.signal);
  } finally {
    clearTimeout(timer);
  }
}

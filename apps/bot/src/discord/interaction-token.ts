import { type BaseInteraction, InteractionContextType } from 'discord.js';

/** "Interaction tokens are valid for 15 minutes" (Discord docs, Receiving and Responding). */
const tokenMs = 15 * 60_000;
/** Room for the last edit. */
const marginMs = 30_000;

/** Where the bot itself is, it can go on writing when an interaction's token is void. */
export function outlivesToken(interaction: BaseInteraction): boolean {
  return interaction.inCachedGuild() || interaction.context === InteractionContextType.BotDM;
}

/** Aborted while the token of an interaction is still good for a last edit. */
export function untilTokenEnds({ createdTimestamp }: BaseInteraction): AbortSignal {
  return AbortSignal.timeout(Math.max(0, createdTimestamp + tokenMs - marginMs - Date.now()));
}

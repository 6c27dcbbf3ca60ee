import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  type Client,
  ContextMenuCommandBuilder,
  InteractionContextType,
  type LocalizationMap,
  type SlashCommandAttachmentOption,
  SlashCommandBuilder,
} from 'discord.js';

import type { BotConfig } from '../../config/bot-config.js';
import { languages, type Words } from '../../words/index.js';

const english = languages.en.discord;

/** The names by which interactions come in, whatever language the menus are in. */
export const commandNames = {
  describe: english.describe,
  altText: english.altText,
  image: english.image,
  question: english.question,
  describeMenu: english.describeMenu,
  altTextMenu: english.altTextMenu,
} as const;

const everywhere = [
  InteractionContextType.Guild,
  InteractionContextType.BotDM,
  InteractionContextType.PrivateChannel,
];
const anyInstallation = [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall];

/** All commands, for servers and for people who install the app for themselves. */
export const commands = [
  buildSlashCommand('describe', 'describeDescription')
    .addAttachmentOption(completeImageOption)
    .addStringOption((option) =>
      option
        .setName(english.question)
        .setNameLocalizations(translate('question'))
        .setDescription(english.questionDescription)
        .setDescriptionLocalizations(translate('questionDescription')),
    ),
  buildSlashCommand('altText', 'altTextDescription').addAttachmentOption(completeImageOption),
  buildMessageCommand('describeMenu'),
  buildMessageCommand('altTextMenu'),
].map((command) => command.toJSON());

/** A bot in development is in few servers; to look through those of a large one would take long. */
const fewServers = 10;

/**
 * Registers the commands everywhere, or only in the servers that the configuration names, and takes away those of an
 * earlier configuration, which people would see twice. Registering the same commands again changes nothing (Discord
 * docs, Bulk Overwrite).
 * @param warn is called with what the operator can put right
 */
export async function registerCommands(
  client: Client<true>,
  { commandServers }: BotConfig['discord'],
  warn: (line: string) => void,
): Promise<void> {
  // All shards belong to one application: the first registers for all.
  if (client.shard && !client.shard.ids.includes(0)) return;
  const registered = client.application.commands;
  await registered.set(commandServers.length === 0 ? commands : []);
  for (const server of commandServers) {
    await registered.set(commands, server).catch(({ message }: Error) => {
      warn(
        `The commands could not be registered in the server ${server} of discord.commandServers (${message}). ` +
          'Check its id, and that the bot was invited there with the scope applications.commands.',
      );
    });
  }
  if (client.guilds.cache.size > fewServers) return;
  for (const guildId of client.guilds.cache.keys()) {
    if (commandServers.includes(guildId)) continue;
    // A server that invited the bot without the scope for commands has none.
    const left = await registered.fetch({ guildId }).catch(() => undefined);
    if (left?.size) await registered.set([], guildId);
  }
}

/** The words that are plain strings, not functions. */
type DiscordWord = {
  [Word in keyof Words['discord']]: Words['discord'][Word] extends string ? Word : never;
}[keyof Words['discord']];

function buildSlashCommand(name: DiscordWord, description: DiscordWord): SlashCommandBuilder {
  return new SlashCommandBuilder()
    .setName(english[name])
    .setNameLocalizations(translate(name))
    .setDescription(english[description])
    .setDescriptionLocalizations(translate(description))
    .setContexts(everywhere)
    .setIntegrationTypes(anyInstallation);
}

function completeImageOption(option: SlashCommandAttachmentOption): SlashCommandAttachmentOption {
  return option
    .setName(english.image)
    .setNameLocalizations(translate('image'))
    .setDescription(english.imageDescription)
    .setDescriptionLocalizations(translate('imageDescription'))
    .setFileTypes('image')
    .setRequired(true);
}

function buildMessageCommand(name: DiscordWord): ContextMenuCommandBuilder {
  return new ContextMenuCommandBuilder()
    .setName(english[name])
    .setNameLocalizations(translate(name))
    .setType(ApplicationCommandType.Message)
    .setContexts(everywhere)
    .setIntegrationTypes(anyInstallation);
}

function translate(word: DiscordWord): LocalizationMap {
  return { de: languages.de.discord[word], 'zh-CN': languages.zh.discord[word] };
}

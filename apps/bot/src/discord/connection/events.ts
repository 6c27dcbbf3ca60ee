import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Client, Events, type Guild, type Interaction } from 'discord.js';

import { discordInstallLink } from '#libs/chat-accounts';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { InterruptedAnswers } from '../conversation/interrupted-answers.js';
import { ButtonListener } from '../listeners/buttons.js';
import { registerCommands } from '../listeners/commands.js';
import { DescribeListener } from '../listeners/describe.js';
import { MessageListener } from '../listeners/messages.js';
import { EditPace } from '../reply/edit-pace.js';
import { reportPermissions } from '../reply/missing-permissions.js';
import { PayloadGuard } from './payload-guard.js';

/** Connects Discord's events, commands and buttons with what answers them. */
@Injectable()
export class DiscordEvents {
  private readonly handling = new Set<Promise<void>>();

  constructor(
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'discord'>,
    private readonly guard: PayloadGuard,
    private readonly pace: EditPace,
    private readonly messages: MessageListener,
    private readonly describe: DescribeListener,
    private readonly buttons: ButtonListener,
    private readonly interrupted: InterruptedAnswers,
    private readonly logger: Logger,
  ) {}

  /** Listens to a client that has not logged in yet. */
  listen(client: Client): void {
    this.guard.watch(client);
    this.pace.watch(client.rest);
    client.once(Events.ClientReady, (ready) => this.handle(() => this.begin(ready)));
    client.on(Events.GuildCreate, (guild) => this.warnOfMissingPermissions(guild));
    client.on(Events.MessageCreate, (message) => this.handle(() => this.messages.handleMessage(message)));
    client.on(Events.MessageUpdate, (before, message) =>
      this.handle(() => this.messages.handleEdit(before, message)),
    );
    client.on(Events.MessageDelete, (message) => this.handle(() => this.messages.handleDeletion(message)));
    client.on(Events.MessageBulkDelete, (messages) => {
      for (const message of messages.values()) this.handle(() => this.messages.handleDeletion(message));
    });
    client.on(Events.InteractionCreate, (interaction) =>
      this.handle(() => this.handleInteraction(interaction)),
    );
  }

  /** Resolves when everything that happened so far has been dealt with. */
  async settle(): Promise<void> {
    await Promise.all(this.handling);
  }

  private handle(handler: () => Promise<void>): void {
    const handled = handler()
      .catch((error) => this.logger.error('An event of Discord could not be handled.', error))
      .finally(() => this.handling.delete(handled));
    this.handling.add(handled);
  }

  private async begin(client: Client<true>): Promise<void> {
    this.logger.log(`Discord is on: answering as ${client.user.tag} in ${client.guilds.cache.size} servers.`);
    this.logger.log(`Add it to a server: ${discordInstallLink(client.application.id)}`);
    for (const guild of client.guilds.cache.values()) this.warnOfMissingPermissions(guild);
    await registerCommands(client, this.config.discord, (line) => this.logger.warn(line));
    await this.interrupted.markAfterRestart(client);
  }

  private warnOfMissingPermissions(guild: Guild): void {
    for (const line of reportPermissions(guild)) this.logger.warn(line);
  }

  private async handleInteraction(interaction: Interaction): Promise<void> {
    if (interaction.isChatInputCommand()) await this.describe.handleCommand(interaction);
    else if (interaction.isMessageContextMenuCommand()) await this.describe.handleMenuEntry(interaction);
    else if (interaction.isButton()) await this.buttons.handleButton(interaction);
  }
}

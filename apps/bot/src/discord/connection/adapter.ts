import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Client, Events, type Guild, type Interaction } from 'discord.js';
import { discordInstallLink } from '#libs/chat-accounts';
import { Settings } from '../../config/settings.js';
import { Chat } from '../../contract/index.js';
import { ImageFetcher } from '../../images/image-fetcher.js';
import { Metrics } from '../../metrics/metrics.js';
import { Claims } from '../../redis/claims.js';
import { ConversationReader } from '../conversation/conversation-reader.js';
import { InterruptedAnswers } from '../conversation/interrupted-answers.js';
import { MessageImages } from '../conversation/message-images.js';
import { ButtonListener } from '../listeners/buttons.js';
import { registerCommands } from '../listeners/commands.js';
import { CommandListener } from '../listeners/describe.js';
import { QuestionListener } from '../listeners/messages.js';
import { EditPace } from '../reply/edit-pace.js';
import { permissionReport } from '../reply/missing-permissions.js';
import { DiscordConnection } from './connection.js';
import { PayloadGuard } from './payload-guard.js';

/** Listens to Discord and hands what happens there to the core. */
@Injectable()
export class DiscordAdapter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Discord');
  private readonly connection: DiscordConnection;
  private readonly guard: PayloadGuard;
  private readonly pace = new EditPace();
  private readonly closing = new AbortController();
  private readonly handling = new Set<Promise<void>>();
  private readonly interrupted: InterruptedAnswers;
  private readonly questions: QuestionListener;
  private readonly commands: CommandListener;
  private readonly buttons: ButtonListener;

  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Chat) chat: Chat,
    @Inject(Claims) claims: Claims,
    @Inject(ImageFetcher) fetcher: ImageFetcher,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.guard = new PayloadGuard(this.log, () => metrics.unreadable('discord'));
    const images = new MessageImages(settings, fetcher);
    this.connection = new DiscordConnection(settings);
    this.interrupted = new InterruptedAnswers(chat, settings);
    const conversations = new ConversationReader(settings, images, this.interrupted);
    this.questions = new QuestionListener(
      chat,
      claims,
      settings,
      conversations,
      this.pace,
      this.log,
      this.closing.signal,
    );
    this.commands = new CommandListener(chat, settings, images, this.pace, this.log, this.closing.signal);
    this.buttons = new ButtonListener(chat, settings, this.questions, this.commands, this.interrupted);
  }

  onApplicationBootstrap(): void {
    this.connection.connect((client) => this.listen(client));
  }

  /** Stops the running answers, so that each says how it ended, and leaves. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.handling);
    await this.connection.close();
  }

  private listen(client: Client): void {
    this.guard.watch(client);
    this.pace.follow(client.rest);
    client.once(Events.ClientReady, (ready) => this.handle(() => this.onReady(ready)));
    client.on(Events.GuildCreate, (guild) => this.reportPermissions(guild));
    client.on(Events.MessageCreate, (message) => this.handle(() => this.questions.onMessage(message)));
    client.on(Events.MessageUpdate, (before, message) =>
      this.handle(() => this.questions.onEdit(before, message)),
    );
    client.on(Events.MessageDelete, (message) => this.handle(() => this.questions.onDelete(message)));
    client.on(Events.MessageBulkDelete, (messages) => {
      for (const message of messages.values()) this.handle(() => this.questions.onDelete(message));
    });
    client.on(Events.InteractionCreate, (interaction) => this.handle(() => this.onInteraction(interaction)));
  }

  private handle(handler: () => Promise<void>): void {
    const handled = handler()
      .catch((error) => this.log.error('An event of Discord could not be handled.', error))
      .finally(() => this.handling.delete(handled));
    this.handling.add(handled);
  }

  private async onReady(client: Client<true>): Promise<void> {
    this.log.log(`Discord is on: answering as ${client.user.tag} in ${client.guilds.cache.size} servers.`);
    this.log.log(`Add it to a server: ${discordInstallLink(client.application.id)}`);
    for (const guild of client.guilds.cache.values()) this.reportPermissions(guild);
    await registerCommands(client, this.settings, (line) => this.log.warn(line));
    await this.interrupted.markAfterRestart(client);
  }

  private reportPermissions(guild: Guild): void {
    for (const line of permissionReport(guild)) this.log.warn(line);
  }

  private async onInteraction(interaction: Interaction): Promise<void> {
    if (interaction.isChatInputCommand()) await this.commands.onSlashCommand(interaction);
    else if (interaction.isMessageContextMenuCommand()) await this.commands.onMessageCommand(interaction);
    else if (interaction.isButton()) await this.buttons.onButton(interaction);
  }
}

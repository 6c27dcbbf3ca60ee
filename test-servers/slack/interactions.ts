import type { AppManifest } from './app-manifest.js';
import type { Acknowledgement, Delivery } from './delivery.js';
import type { OpenViews } from './open-views.js';
import { filePayload, messagePayload } from './payloads.js';
import type { Conversation, Message, OpenView, Person, StoredFile } from './records.js';
import type { VisibleButton } from './rendering.js';
import type { ResponseUrls } from './response-urls.js';
import type { WorkspaceStore } from './store.js';
import type { Triggers } from './triggers.js';

/** What a person filled into a modal. */
export interface ModalAnswers {
  readonly text?: string;
  readonly files?: readonly StoredFile[];
}

/** Sends commands, shortcuts, button presses and modal submissions to the app, and shows what it acknowledged with. */
export class Interactions {
  constructor(
    private readonly store: WorkspaceStore,
    private readonly manifest: AppManifest,
    private readonly triggers: Triggers,
    private readonly responseUrls: ResponseUrls,
    private readonly views: OpenViews,
    private readonly delivery: () => Delivery,
    private readonly baseUrl: () => string,
  ) {}

  async command(person: Person, conversation: Conversation, command: string, text: string): Promise<void> {
    if (!this.manifest.features.slash_commands.some((known) => known.command === command)) {
      throw new Error(`The app's manifest has no slash command ${command}.`);
    }
    const acknowledgement = await this.delivery().deliver({
      kind: 'slash_commands',
      body: {
        token: 'verification-token',
        team_id: this.store.team.id,
        team_domain: this.store.team.domain,
        channel_id: conversation.id,
        channel_name: conversation.kind === 'im' ? 'directmessage' : conversation.name,
        user_id: person.id,
        user_name: person.name.toLowerCase(),
        command,
        text,
        api_app_id: this.store.appId,
        is_enterprise_install: 'false',
        response_url: this.responseUrl(conversation.id, person),
        trigger_id: this.triggers.issue(person.id),
      },
    });
    this.showCommandOutcome(person, conversation, command, acknowledgement);
  }

  /** Slack refuses commands in threads before the app hears of them (docs.slack.dev, "Slash commands"). */
  commandInThread(person: Person, conversation: Conversation, command: string, threadTs: string): void {
    this.slackbotSays(person, conversation.id, `${command} is not supported in threads. Sorry!`, threadTs);
  }

  async messageShortcut(person: Person, message: Message, name: string): Promise<void> {
    const shortcut = this.manifest.features.shortcuts.find(
      (known) => known.type === 'message' && known.name === name,
    );
    if (shortcut === undefined) throw new Error(`The app's manifest has no message shortcut "${name}".`);
    const acknowledgement = await this.delivery().deliver({
      kind: 'interactive',
      body: {
        type: 'message_action',
        callback_id: shortcut.callback_id,
        trigger_id: this.triggers.issue(person.id),
        response_url: this.responseUrl(message.channel, person, message),
        message_ts: message.ts,
        message: messagePayload(this.store, message, this.baseUrl()),
        action_ts: String(Date.now() / 1000),
        ...this.actor(person, message.channel),
      },
    });
    this.showOutcome(person, message, acknowledgement);
  }

  async press(person: Person, message: Message, button: VisibleButton): Promise<void> {
    const isFeedback = button.blockId !== undefined && button.actionId.includes('feedback');
    const acknowledgement = await this.delivery().deliver({
      kind: 'interactive',
      body: {
        type: 'block_actions',
        trigger_id: this.triggers.issue(person.id),
        response_url: this.responseUrl(message.channel, person, message),
        container: {
          type: 'message',
          message_ts: message.ts,
          channel_id: message.channel,
          is_ephemeral: message.visibleTo !== undefined,
          ...(message.threadTs !== undefined ? { thread_ts: message.threadTs } : {}),
        },
        message: messagePayload(this.store, message, this.baseUrl()),
        state: { values: {} },
        actions: [
          {
            type: isFeedback ? 'feedback_buttons' : 'button',
            action_id: button.actionId,
            block_id: button.blockId ?? 'block',
            value: button.value,
            text: { type: 'plain_text', text: button.label },
            action_ts: String(Date.now() / 1000),
          },
        ],
        ...this.actor(person, message.channel),
      },
    });
    this.showOutcome(person, message, acknowledgement);
  }

  /** @returns the errors the app wants shown in the modal; none when it was accepted and closed. */
  async submit(person: Person, view: OpenView, answers: ModalAnswers): Promise<Record<string, string>> {
    const acknowledgement = await this.delivery().deliver({
      kind: 'interactive',
      body: {
        type: 'view_submission',
        trigger_id: this.triggers.issue(person.id),
        response_urls: [],
        view: {
          id: view.id,
          team_id: this.store.team.id,
          type: 'modal',
          callback_id: view.callbackId,
          private_metadata: view.privateMetadata,
          title: { type: 'plain_text', text: view.title },
          blocks: view.blocks,
          state: { values: this.modalState(view, answers) },
        },
        ...this.actor(person),
      },
    });
    if (acknowledgement.outcome !== 'acknowledged')
      return { modal: 'We had some trouble connecting. Try again?' };
    const { response_action: action, errors } = acknowledgement.response;
    if (action === 'errors') return { ...(errors as Record<string, string>) };
    this.views.close(person.id);
    return {};
  }

  private modalState(view: OpenView, answers: ModalAnswers): Record<string, Record<string, unknown>> {
    const values: Record<string, Record<string, unknown>> = {};
    for (const block of view.blocks) {
      if (block.type !== 'input' || block.block_id === undefined) continue;
      const { type, action_id: actionId = '' } = block.element;
      const files = (answers.files ?? []).map((file) => filePayload(this.store, file, this.baseUrl()));
      const value = type === 'file_input' ? { type, files } : { type, value: answers.text ?? null };
      values[block.block_id] = { [actionId]: value };
    }
    return values;
  }

  private actor(person: Person, channel?: string): Record<string, unknown> {
    const { team, appId } = this.store;
    const conversation = channel === undefined ? undefined : this.store.conversations.get(channel);
    return {
      token: 'verification-token',
      api_app_id: appId,
      is_enterprise_install: false,
      team: { id: team.id, domain: team.domain },
      user: { id: person.id, username: person.name.toLowerCase(), team_id: team.id },
      ...(conversation === undefined ? {} : { channel: { id: conversation.id, name: conversation.name } }),
    };
  }

  private responseUrl(channel: string, person: Person, original?: Message): string {
    return this.baseUrl() + this.responseUrls.issue(channel, person.id, original);
  }

  private showCommandOutcome(
    person: Person,
    conversation: Conversation,
    command: string,
    acknowledgement: Acknowledgement,
  ): void {
    if (acknowledgement.outcome === 'acknowledged') {
      const { text, response_type: type } = acknowledgement.response;
      if (typeof text !== 'string' || text === '') return;
      const visibleTo = type === 'in_channel' ? undefined : person.id;
      this.store.addMessage({ channel: conversation.id, author: this.store.bot.id, text, visibleTo });
      return;
    }
    const error = acknowledgement.outcome === 'timed_out' ? 'operation_timeout' : 'dispatch_failed';
    this.slackbotSays(person, conversation.id, `${command} failed with the error "${error}"`);
  }

  private showOutcome(person: Person, message: Message, acknowledgement: Acknowledgement): void {
    if (acknowledgement.outcome === 'acknowledged') return;
    this.slackbotSays(
      person,
      message.channel,
      'We had some trouble connecting. Try again?',
      message.threadTs,
    );
  }

  private slackbotSays(person: Person, channel: string, text: string, threadTs?: string): void {
    this.store.addMessage({ channel, author: 'USLACKBOT', text, threadTs, visibleTo: person.id });
  }
}

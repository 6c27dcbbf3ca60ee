import { patienceMs } from '../time/patience.js';
import { Human, type HumanLinks } from './human.js';
import type { Conversation, ConversationKind, Message, MessageAttachment } from './records.js';
import { newId } from './store.js';
import { printTranscript, type TranscriptLine, transcriptOf } from './transcript.js';

/** A Slack workspace with the app installed, as its people see it. */
export class Workspace {
  constructor(private readonly links: HumanLinks) {}

  user(name: string, { locale = 'en-US', isAdmin = false } = {}): Human {
    const person = this.links.store.addPerson({ name, locale, isAdmin, isBot: false });
    return new Human(person, this.links);
  }

  /** The bot of another app, which is a member like any other. */
  otherBot(name: string): Human {
    const person = { name, locale: 'en-US', isAdmin: false, isBot: true, botId: newId('B') };
    return new Human(this.links.store.addPerson(person), this.links);
  }

  /** A conversation of these people, which the app was invited to unless it is said otherwise. */
  channel(
    name: string,
    people: readonly Human[],
    { kind = 'channel', withApp = true }: { kind?: ConversationKind; withApp?: boolean } = {},
  ): Conversation {
    const members = people.map((human) => human.id);
    return this.links.store.addConversation(
      kind,
      name,
      withApp ? [...members, this.links.store.bot.id] : members,
    );
  }

  /** Slack shows the preview of a link in a message, and tells the app of it unless the event is lost. */
  async unfurl(message: Message, attachment: MessageAttachment, { isTold = true } = {}): Promise<void> {
    const before = this.links.events.payload(message);
    message.attachments = [...message.attachments, attachment];
    this.links.store.announce();
    if (isTold) await this.links.events.changed(message, before);
  }

  /** Slack itself says something. */
  async slackbotSays(conversation: Conversation, text: string, thread?: Message): Promise<void> {
    const message = { channel: conversation.id, author: 'USLACKBOT', text, threadTs: thread?.ts };
    await this.links.events.posted(this.links.store.addMessage(message));
  }

  /** A user group of these people. @returns its id */
  userGroup(people: readonly Human[]): string {
    const id = newId('S');
    this.links.store.userGroups.set(id, new Set(people.map((human) => human.id)));
    return id;
  }

  transcript(conversation: Conversation): TranscriptLine[] {
    return transcriptOf(this.links.store, conversation.id);
  }

  /** What the app said in a conversation. */
  replies(conversation: Conversation): TranscriptLine[] {
    return this.transcript(conversation).filter((line) => line.message.author === this.links.store.bot.id);
  }

  permalink(message: {
    readonly channel: string;
    readonly ts: string;
    readonly threadTs?: string | undefined;
  }): string {
    const path = `archives/${message.channel}/p${message.ts.replace('.', '')}`;
    const thread =
      message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${message.channel}`;
    return `https://${this.links.store.team.domain}.slack.com/${path}${thread}`;
  }

  /** Resolves with what `probe` finds, as soon as a change in the workspace lets it find something. */
  until<T>(what: string, probe: () => T | undefined | false): Promise<T> {
    const { store } = this.links;
    return new Promise((resolve, reject) => {
      const settle = (conclude: () => void) => {
        clearTimeout(timer);
        stopListening();
        conclude();
      };
      const look = () => {
        const found = probe();
        if (found !== undefined && found !== false) settle(() => resolve(found));
      };
      const timer = setTimeout(() => {
        const seen = [...store.conversations.values()].map(
          ({ id, name }) => `#${name}\n${printTranscript(transcriptOf(store, id))}`,
        );
        settle(() => reject(new Error(`Waited in vain for ${what}. What was seen:\n${seen.join('\n')}`)));
      }, patienceMs);
      const stopListening = store.onChange(look);
      look();
    });
  }
}

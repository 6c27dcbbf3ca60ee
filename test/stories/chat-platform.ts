import type { Config } from '../support/running-bot.js';
import type { Picture } from './pictures.js';

export type PlatformName = 'discord' | 'slack' | 'web';

/** Where people talk to the bot alone. Any other name is a channel, which is there as soon as somebody uses it. */
export const direct = 'direct messages';

export interface Saying {
  /** Who says it; Ada, unless said otherwise. */
  readonly by?: string;
  readonly pictures?: readonly Picture[];
  /** The channel, or `direct`. */
  readonly in?: string;
  /** A message that is passed on. */
  readonly forwards?: Posted;
  /** The address of a picture that the platform's preview of a link shows. */
  readonly preview?: string;
}

export interface Traits {
  /** BCP 47, as the platform reports it. */
  readonly language?: string;
  readonly moderator?: boolean;
}

/** What people can do and see on a platform with the bot on it, whatever the platform. */
export interface ChatPlatform {
  readonly name: PlatformName;
  /** The most characters of alt text that can be pasted here. */
  readonly altTextLength: number;
  /** Lets a person be there; Ada and Ben always are. */
  meet(name: string, traits: Traits): void;
  /** Asks the bot something. */
  ask(text: string, saying?: Saying): Promise<Question>;
  /** Asks by `/describe`, where there are commands. */
  describe(picture: Picture, question?: string, saying?: Saying): Promise<Question>;
  /** Asks for alt text by the platform's own command. */
  altText(picture: Picture): Promise<Question>;
  /** What the operator's Prometheus reads. */
  metrics(): Promise<string>;
  /** Changes bot.config.yaml while the bot runs. */
  reconfigure(config: Config): Promise<void>;
  /** Ends the bot and starts it again. */
  restart(): Promise<void>;
  /** What the bot did that the platform forbids, such as edits beyond its limits. */
  breaches(): string[];
  close(): Promise<void>;
}

/** A platform where people write to each other, and the bot is one of them. */
export interface Messenger extends ChatPlatform {
  ask(text: string, saying?: Saying): Promise<MessageQuestion>;
  idOf(person: string): string;
  idOfChannel(name: string): string;
  /** The id of the server or workspace. */
  readonly idOfServer: string;
  /** Says something that is not meant for the bot. */
  post(text: string, saying?: Saying): Promise<Posted>;
  /** What the bot says to one person alone, beside its answers. */
  toldAlone(person: string): Promise<string>;
  /** What the bot said in a channel, message by message. */
  repliesIn(channel: string): readonly Answer[];
  /** Puts a picture on the web. @returns its address */
  publish(picture: Picture): Promise<string>;
  /** Lets the platform fail at the next edit, as it does at times. */
  failNextEdit(): void;
  /** Lets a minute pass by which the platform measures its limits. */
  passMinute(): void;
  /** Bytes in use after a garbage collection, of a bot in a process of its own. */
  memory(): Promise<number>;
  /** Breaks the bot's connection; resolves when the bot is back. */
  breakConnection(): Promise<void>;
}

export interface Posted {
  /** Asks the bot about this message. */
  askAbout(text: string, by?: string): Promise<Question>;
  /** Chooses an entry of the message's menu. */
  choose(entry: 'Describe this image' | 'Alt text', by?: string): Promise<Question>;
  delete(): Promise<void>;
}

/** Something the bot was asked. */
export interface Question {
  /** The bot's reply, as soon as it looks like this. */
  until(what: string, fits: (answer: Answer) => boolean): Promise<Answer>;
  /** The bot's reply when it is finished. */
  answer(): Promise<Answer>;
  /** Takes the question back: the message is deleted, the page is closed. */
  withdraw(): Promise<void>;
}

/** A question that a message asks. */
export interface MessageQuestion extends Question {
  /** The message, with a menu like any other. */
  message(): Posted;
}

export type Button = 'Stop' | 'Try again' | 'Good answer' | 'Bad answer';

/** What a person sees of a reply of the bot at one moment. */
export interface Answer {
  /** What the model said. */
  readonly text: string;
  /** What it said, message by message. */
  readonly parts: readonly string[];
  /** What the bot itself says below it. */
  readonly remarks: readonly string[];
  /** Everything that is written there. */
  readonly shown: string;
  /** Everything the last message has ever shown, and what it shows now. */
  readonly versions: readonly string[];
  readonly buttons: readonly string[];
  /** The only person who sees it, if that is so. */
  readonly onlyFor: string | undefined;
  /** Whom it rang at. */
  readonly pinged: readonly string[];
  press(button: Button, by?: string): Promise<void>;
  /** Presses "Try again": the reply that comes in the same place. */
  tryAgain(by?: string): Promise<Question>;
  /** Goes on in this conversation. */
  followUp(text: string, saying?: Saying): Promise<Question>;
}

/** What a reply shows in English before the model's first word. */
const waiting = /(Looking…|ahead of yours\.|as soon as the answer above is finished\.)$/;

export function isFinished({ shown, buttons }: Pick<Answer, 'shown' | 'buttons'>): boolean {
  return !buttons.includes('Stop') && shown !== '' && !waiting.test(shown);
}

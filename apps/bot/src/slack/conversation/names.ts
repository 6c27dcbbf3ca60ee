import { Injectable } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { callPatiently } from '../reply/api-errors.js';
import { type Names, unnamedIn } from './incoming-text.js';
import { People } from './people.js';

const rememberMs = 10 * 60_000;
const rememberedNames = 5_000;
/** The names that are looked up for one conversation; further ones stay "@someone". */
const maxLookups = 20;

const channelInfo = z.object({
  channel: z.object({ name: z.string(), is_private: z.boolean().default(true) }),
});
const groupList = z.object({
  usergroups: z.array(
    z.object({ id: z.string(), handle: z.string() }).or(z.unknown().transform(() => undefined)),
  ),
});

/** What people read where a message holds only an id: the names of people, of public channels and of user groups. */
@Injectable()
export class NameDirectory {
  private readonly known = new LRUCache<string, string>({ max: rememberedNames, ttl: rememberMs });

  constructor(
    private readonly client: WebClient,
    private readonly people: People,
  ) {}

  /** @param channel where the texts stand, whose own name is no secret there */
  async find(texts: readonly string[], channel: string): Promise<Names> {
    const ids = [...new Set(texts.flatMap(unnamedIn))].slice(-maxLookups);
    const named = ids.map(async (id) => [id, await this.findName(id, channel)] as const);
    return new Map((await Promise.all(named)).flatMap(([id, name]) => (name === '' ? [] : [[id, name]])));
  }

  /** Empty when Slack does not say: a name is not worth failing for. */
  private async findName(id: string, channel: string): Promise<string> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const name = await this.ask(id, channel).catch(() => '');
    // The name of a private channel is for those who are in it.
    if (id !== channel) this.known.set(id, name);
    return name;
  }

  private ask(id: string, channel: string): Promise<string> {
    switch (id[0]) {
      case 'C':
      case 'G':
        return this.channelName(id, channel);
      case 'S':
        return this.groupName(id);
      default:
        return this.people.nameOf(id);
    }
  }

  private async channelName(id: string, here: string): Promise<string> {
    const answer = await callPatiently(() => this.client.conversations.info({ channel: id }));
    const { name, is_private } = channelInfo.parse(answer).channel;
    return is_private && id !== here ? '' : name;
  }

  private async groupName(id: string): Promise<string> {
    const { usergroups } = groupList.parse(await callPatiently(() => this.client.usergroups.list()));
    return usergroups.find((group) => group?.id === id)?.handle ?? '';
  }
}

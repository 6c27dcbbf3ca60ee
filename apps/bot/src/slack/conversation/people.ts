import { Injectable, Logger } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Asker } from '../../contract/index.js';
import { callPatiently, errorCode } from '../reply/api-errors.js';
import { maybe } from './slack-message.js';
import { UserGroups } from './user-groups.js';

const userInfo = z.object({
  user: z.object({
    name: maybe(z.string()),
    real_name: maybe(z.string()),
    profile: maybe(z.object({ display_name: maybe(z.string()) })),
    locale: maybe(z.string()),
    is_admin: z.boolean().catch(false),
    is_owner: z.boolean().catch(false),
  }),
});

export interface KnownPerson {
  readonly asker: Asker;
  /** BCP 47 */
  readonly locale: string;
}

interface Profile extends KnownPerson {
  /** What they are called where they are mentioned; empty when Slack does not say. */
  readonly name: string;
}

const rememberMs = 10 * 60_000;
const rememberedPeople = 5_000;

/** Who people are: their locale, their user groups, and whether they moderate (admins and owners of the workspace). */
@Injectable()
export class People {
  private readonly known = new LRUCache<string, Profile>({ max: rememberedPeople, ttl: rememberMs });

  constructor(
    private readonly client: WebClient,
    private readonly groups: UserGroups,
    private readonly logger: Logger,
  ) {}

  async find(id: string): Promise<KnownPerson> {
    const { asker, locale } = await this.findProfile(id);
    // Groups are looked up by the lists of the moment, which may be reloaded.
    return { asker: { ...asker, roles: await this.groups.find(id) }, locale };
  }

  async nameOf(id: string): Promise<string> {
    return (await this.findProfile(id)).name;
  }

  private async findProfile(id: string): Promise<Profile> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const person = await this.lookUp(id);
    this.known.set(id, person);
    return person;
  }

  private async lookUp(id: string): Promise<Profile> {
    try {
      const answer = await callPatiently(() => this.client.users.info({ user: id, include_locale: true }));
      const { user } = userInfo.parse(answer);
      const { locale = 'en-US', is_admin, is_owner } = user;
      const name = user.profile?.display_name || user.real_name || user.name || '';
      return { asker: { id, roles: [], moderator: is_admin || is_owner }, locale, name };
    } catch (error) {
      this.logger.warn(
        `Slack did not say who ${id} is (${errorCode(error) ?? error}): answering in English.`,
      );
      return { asker: { id, roles: [], moderator: false }, locale: 'en-US', name: '' };
    }
  }
}

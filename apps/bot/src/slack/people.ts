import type { Logger } from '@nestjs/common';
import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Asker } from '../chat/index.js';
import { errorCode, patiently } from './replies/api-errors.js';
import type { UserGroups } from './user-groups.js';

const userInfo = z.object({
  user: z.object({
    locale: z.string().optional(),
    is_admin: z.boolean().default(false),
    is_owner: z.boolean().default(false),
  }),
});

export interface KnownPerson {
  readonly asker: Asker;
  /** BCP 47 */
  readonly locale: string;
}

const rememberMs = 10 * 60_000;
const rememberedPeople = 5_000;

/** Who people are: their locale, their user groups, and whether they moderate (admins and owners of the workspace). */
export class People {
  private readonly known = new LRUCache<string, KnownPerson>({ max: rememberedPeople, ttl: rememberMs });

  constructor(
    private readonly client: WebClient,
    private readonly groups: UserGroups,
    private readonly logger: Logger,
  ) {}

  async find(id: string): Promise<KnownPerson> {
    const { asker, locale } = this.known.get(id) ?? (await this.learn(id));
    // Groups are looked up by the lists of the moment, which may be reloaded.
    return { asker: { ...asker, roles: await this.groups.of(id) }, locale };
  }

  private async learn(id: string): Promise<KnownPerson> {
    const person = await this.look(id);
    this.known.set(id, person);
    return person;
  }

  private async look(id: string): Promise<KnownPerson> {
    try {
      const answer = await patiently(() => this.client.users.info({ user: id, include_locale: true }));
      const { locale = 'en-US', is_admin, is_owner } = userInfo.parse(answer).user;
      return { asker: { id, roles: [], moderator: is_admin || is_owner }, locale };
    } catch (error) {
      this.logger.warn(
        `Slack did not say who ${id} is (${errorCode(error) ?? error}): answering in English.`,
      );
      return { asker: { id, roles: [], moderator: false }, locale: 'en-US' };
    }
  }
}

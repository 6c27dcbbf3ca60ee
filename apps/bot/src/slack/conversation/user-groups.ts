import { Inject, Injectable, Logger } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { callPatiently, errorCode } from '../reply/api-errors.js';

const rememberMs = 10 * 60_000;
const rememberedGroups = 1_000;

const groupMembers = z.object({ users: z.array(z.string()) });

/** User groups are Slack's roles: which of those that the operator's lists name somebody is in. */
@Injectable()
export class UserGroups {
  private readonly members = new LRUCache<string, readonly string[]>({
    max: rememberedGroups,
    ttl: rememberMs,
  });

  constructor(
    private readonly client: WebClient,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'permissions'>,
    private readonly logger: Logger,
  ) {}

  async find(person: string): Promise<readonly string[]> {
    const { allow, deny } = this.config.permissions.roles;
    const listed = [...new Set([...allow, ...deny])].filter(isUserGroup);
    const memberships = await Promise.all(
      listed.map(async (group) => ((await this.findMembers(group)).includes(person) ? [group] : [])),
    );
    return memberships.flat();
  }

  private async findMembers(group: string): Promise<readonly string[]> {
    const known = this.members.get(group);
    if (known !== undefined) return known;
    const members = await this.ask(group);
    this.members.set(group, members);
    return members;
  }

  private async ask(usergroup: string): Promise<readonly string[]> {
    try {
      const answer = await callPatiently(() => this.client.usergroups.users.list({ usergroup }));
      return groupMembers.parse(answer).users;
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) throw error;
      this.logger.error(
        `Slack did not say who is in the user group ${usergroup} (${code}), so nobody counts as being in it. ` +
          'Check its id in permissions.roles, and that the app has the scope usergroups:read.',
      );
      return [];
    }
  }
}

/** Ids of user groups begin with S; the lists may name Discord's roles too, which are numbers. */
function isUserGroup(id: string): boolean {
  return id.startsWith('S');
}

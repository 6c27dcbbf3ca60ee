import { Module } from '@nestjs/common';

import { DiscordAdapter } from './discord-adapter.js';

/** Discord. Needs what `ChatModule` exports; imported only when `DISCORD_TOKEN` is set. */
@Module({ providers: [DiscordAdapter] })
export class DiscordModule {}

import { Module } from '@nestjs/common';
import { SlackBot } from './connection/adapter.js';

/** The Slack adapter. It needs the core's `ChatModule` and does nothing without tokens. */
@Module({ providers: [SlackBot] })
export class SlackModule {}

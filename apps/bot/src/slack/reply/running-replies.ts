import { Injectable } from '@nestjs/common';
/** The messages that this process is still writing: all other half answers in a thread broke off. */
@Injectable()
export class RunningReplies {
  private readonly messages = new Set<string>();

  get count(): number {
    return this.messages.size;
  }

  begin(channel: string, ts: string): void {
    this.messages.add(`${channel}:${ts}`);
  }

  end(channel: string, ts: string): void {
    this.messages.delete(`${channel}:${ts}`);
  }

  has(channel: string, ts: string): boolean {
    return this.messages.has(`${channel}:${ts}`);
  }
}

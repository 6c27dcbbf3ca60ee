/** What a Slack link points at. */
export type SlackLink =
  | { readonly kind: 'message'; readonly channel: string; readonly ts: string; readonly threadTs?: string }
  | { readonly kind: 'file'; readonly file: string };

/**
 * Reads a permalink of the own workspace: `/archives/C…/p1700000000000100` with `?thread_ts=…` for replies, or
 * `/files/U…/F…/name`. Links of other workspaces are ordinary web addresses, which the guarded fetch judges.
 */
export function parsePermalink(address: string, workspaceHost: string): SlackLink | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'https:' || url.host !== workspaceHost) return undefined;
  const message = /^\/archives\/([CDG][A-Z0-9]+)\/p(\d+)(\d{6})$/.exec(url.pathname);
  if (message !== null) {
    const [, channel = '', seconds = '', micros = ''] = message;
    const threadTs = url.searchParams.get('thread_ts');
    return {
      kind: 'message',
      channel,
      ts: `${seconds}.${micros}`,
      ...(threadTs === null ? {} : { threadTs }),
    };
  }
  const file = /^\/files\/[UW][A-Z0-9]+\/(F[A-Z0-9]+)(?:\/|$)/.exec(url.pathname)?.[1];
  return file === undefined ? undefined : { kind: 'file', file };
}

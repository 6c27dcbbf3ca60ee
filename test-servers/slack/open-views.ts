import type { KnownBlock, ModalView } from '@slack/types';
import { SlackApiError } from './api-error.js';
import type { OpenView } from './records.js';
import { newId, type WorkspaceStore } from './store.js';

/** A modal's limits (docs.slack.dev, "View object"; Block Kit, file_input). */
const limits = { title: 24, privateMetadata: 3_000, blocks: 100, maxFiles: 10 };

/** The modals that are open, one per person. */
export class OpenViews {
  private readonly byViewer = new Map<string, OpenView>();

  constructor(
    private readonly store: WorkspaceStore,
    private readonly grantedScopes: ReadonlySet<string>,
  ) {}

  open(viewer: string, view: ModalView): OpenView {
    this.check(view);
    const opened: OpenView = {
      id: newId('V'),
      viewer,
      callbackId: view.callback_id ?? '',
      privateMetadata: view.private_metadata ?? '',
      title: view.title.text,
      blocks: view.blocks as KnownBlock[],
    };
    this.byViewer.set(viewer, opened);
    this.store.announce();
    return opened;
  }

  of(viewer: string): OpenView | undefined {
    return this.byViewer.get(viewer);
  }

  close(viewer: string): void {
    this.byViewer.delete(viewer);
    this.store.announce();
  }

  private check(view: ModalView): void {
    if (view.type !== 'modal' || view.title.text.length > limits.title)
      throw new SlackApiError('invalid_arguments');
    if ((view.private_metadata?.length ?? 0) > limits.privateMetadata)
      throw new SlackApiError('invalid_arguments');
    if (view.blocks.length > limits.blocks) throw new SlackApiError('invalid_arguments');
    for (const block of view.blocks as KnownBlock[]) {
      if (block.type !== 'input') continue;
      if (view.submit === undefined) throw new SlackApiError('invalid_arguments');
      if (block.element.type === 'file_input') {
        if (!this.grantedScopes.has('files:read'))
          throw new SlackApiError('missing_scope', { needed: 'files:read' });
        if ((block.element.max_files ?? 1) > limits.maxFiles) throw new SlackApiError('invalid_arguments');
      }
    }
  }
}

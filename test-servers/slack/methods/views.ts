import type { ModalView } from '@slack/types';
import { SlackApiError } from '../api-error.js';
import type { Methods } from '../method.js';

/** Modals, opened with the trigger of a person's action. */
export const viewMethods: Methods = {
  'views.open': {
    scopes: [],
    tier: 4,
    run(args, { triggers, views }) {
      const view = args.json<ModalView>('view');
      if (view === undefined) throw new SlackApiError('invalid_arguments');
      const viewer = triggers.exchange(args.required('trigger_id'));
      const opened = views.open(viewer, view);
      return { view: { ...view, id: opened.id } };
    },
  },
};

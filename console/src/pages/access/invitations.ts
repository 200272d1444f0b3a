import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useList } from '../../api/queries';
import { accessKey } from './queries';

export type Invitation = Schemas['InvitationView'];
export type Invite = Schemas['Invite'];

export function useInvitations(sandbox: string) {
  const api = useApi();
  return useList<Invitation>(
    [...accessKey(sandbox), 'invitations'],
    (query, signal) => api.GET('/sandboxes/{sandbox}/invitations', { params: { path: { sandbox }, query }, signal }),
    { live: () => false },
  );
}

import type { Client } from 'openapi-fetch';
import { useApi } from '../../api/context';
import { ProblemError } from '../../api/problem';
import type { Page, PageQuery } from '../../api/queries';
import { useList } from '../../api/queries';
import { accessKey, type Rights } from './queries';

export interface Invitation {
  invitationId: string;
  email: string;
  role: string | null;
  permissions: string[];
  status: 'pending' | 'expired' | 'accepted' | 'declined' | 'revoked';
  invitedBy: string;
  createdAt: string;
  expiresAt: string;
  endedAt: string | null;
  principalId: string | null;
}
export type Invite = Rights & { email: string };

const LIST = '/sandboxes/{sandbox}/invitations';
const ONE = '/sandboxes/{sandbox}/invitations/{invitation}';
const RESEND = '/sandboxes/{sandbox}/invitations/{invitation}/resend';

type Json<T> = { content: { 'application/json': T } };
type Of<Path> = { path: Path };
interface Paths {
  [LIST]: {
    get: { parameters: Of<{ sandbox: string }> & { query?: PageQuery }; responses: { 200: Json<Page<Invitation>> } };
    post: {
      parameters: Of<{ sandbox: string }>;
      requestBody: Json<Invite>;
      responses: { 201: Json<Invitation> };
    };
  };
  [ONE]: {
    delete: { parameters: Of<{ sandbox: string; invitation: string }>; responses: { 204: { content?: never } } };
  };
  [RESEND]: {
    post: { parameters: Of<{ sandbox: string; invitation: string }>; responses: { 200: Json<Invitation> } };
  };
}

/** The client with the calls of invitations, which an older API does not have. */
function useInvitationsApi() {
  return useApi() as unknown as Client<Paths>;
}

/** The invitations; `isUnavailable` where the API has none. */
export function useInvitations(sandbox: string) {
  const api = useInvitationsApi();
  const list = useList<Invitation>(
    [...accessKey(sandbox), 'invitations'],
    (query, signal) => api.GET(LIST, { params: { path: { sandbox }, query }, signal }),
    { live: () => false },
  );
  return { ...list, isUnavailable: list.error instanceof ProblemError && isUnknownPath(list.error) };
}

/** A path that the API does not have takes no parameters, and says so before it says that it is not there. */
const isUnknownPath = ({ status, reason }: ProblemError) => status === 404 || reason === 'unknown_parameter';

/** What is done with invitations; `once` and `headers` are those of `useAction` and `ifMatch`. */
export function useInvitationCalls(sandbox: string) {
  const api = useInvitationsApi();
  return {
    invite: (body: Invite, headers: Record<string, string>) =>
      api.POST(LIST, { params: { path: { sandbox } }, body, headers }),
    resend: (invitation: string, headers: Record<string, string>) =>
      api.POST(RESEND, { params: { path: { sandbox, invitation } }, headers }),
    revoke: (invitation: string) => api.DELETE(ONE, { params: { path: { sandbox, invitation } } }),
  };
}

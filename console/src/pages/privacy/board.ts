import type { PrivacyRequest } from './queries';

export const COLUMNS = ['unverified', 'pending', 'work', 'waiting', 'done'] as const;
export type BoardColumn = (typeof COLUMNS)[number];

type Facts = Pick<PrivacyRequest, 'status' | 'stages' | 'type' | 'origin'>;

export const isOpen = ({ status }: Pick<PrivacyRequest, 'status'>): boolean =>
  status === 'unverified' || status === 'pending' || status === 'approved' || status === 'running';

/** The stage that a request stands at: the first that is not done. */
export const stageOf = ({ stages }: Pick<PrivacyRequest, 'stages'>) => stages.find(({ status }) => status !== 'done');

/** The column of the board that a request is in. */
export function columnOf(request: Facts): BoardColumn {
  if (request.status === 'unverified' || request.status === 'pending') return request.status;
  if (!isOpen(request)) return 'done';
  const stage = stageOf(request);
  return stage?.name === 'complete' && stage.status === 'running' ? 'waiting' : 'work';
}

/** What somebody here has to do for a request before it goes on; null where it goes on by itself. */
export function taskOf(request: Facts): 'approve' | 'retry' | 'manual_task' | 'review' | null {
  if (request.status === 'pending') return 'approve';
  if (request.status !== 'running') return null;
  const stage = stageOf(request);
  if (stage?.status === 'failed') return 'retry';
  if (stage?.status !== 'running') return null;
  return stage.name === 'manual_task' || (stage.name === 'review' && !stage.detail.withheld) ? stage.name : null;
}

/** How far a request that is approved would reach is still being looked up. */
export const isBeingLookedUp = (request: Facts): boolean =>
  request.status === 'pending' &&
  !(request.origin.partner !== null && request.type === 'erasure') &&
  request.type !== 'access' &&
  request.type !== 'portability' &&
  request.stages[0]?.detail.profiles === undefined;

/** Whether a request changes by itself within seconds. */
export const isMoving = (request: Facts): boolean =>
  request.status === 'approved' ||
  isBeingLookedUp(request) ||
  (request.status === 'running' && columnOf(request) === 'work' && taskOf(request) === null);

export type Action = 'verify' | 'approve' | 'deny' | 'extend' | 'cancel' | 'retry' | 'complete' | 'review' | 'assign';

const GAPS = ['failed', 'refused', 'not_supported', 'pending', 'sent'];

/** What may be done with a request as it stands. The API decides; a page only offers what can succeed. */
export function actionsOf(request: PrivacyRequest): Set<Action> {
  const actions = new Set<Action>();
  const task = taskOf(request);
  if (request.status === 'unverified') actions.add('verify');
  if (request.status === 'pending') actions.add('approve');
  if (['unverified', 'pending'].includes(request.status) || task === 'manual_task' || task === 'review')
    actions.add('deny');
  if (isOpen(request)) {
    actions.add('assign');
    if (!request.extended) actions.add('extend');
  }
  if (['unverified', 'pending', 'approved'].includes(request.status)) actions.add('cancel');
  const isWaiting = columnOf(request) === 'waiting' || request.status === 'completed_with_gaps';
  const hasGap = [...request.recipients, ...request.connectors].some(({ status }) => GAPS.includes(status));
  if (task === 'retry' || (isWaiting && hasGap)) actions.add('retry');
  if (task === 'manual_task') actions.add('complete');
  if (task === 'review') actions.add('review');
  return actions;
}

/** Whether what a system or destination has left open may be done there by hand. */
export const isDoneByHand = (status: string): boolean => ['not_supported', 'failed', 'refused'].includes(status);

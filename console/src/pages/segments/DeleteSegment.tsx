import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf, ifMatch, ProblemError } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { NameOrId } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox, placeOf } from '../../paths';
import { type Segment, segmentsKey } from './queries';
import { useUses } from './uses';

interface Props {
  segment: Segment;
  etag: string | null;
  onClose: () => void;
}

/** Asks before a segment is deleted, and says what stands in the way. */
export function DeleteSegment({ segment, etag, onClose }: Props) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const uses = useUses(sandbox, segment);
  const [refused, setRefused] = useState<string[]>([]);
  const remove = useAction(
    (_: undefined) =>
      bodyOf(
        api.DELETE('/sandboxes/{sandbox}/segments/{segment}', {
          params: { path: { sandbox, segment: segment.segmentId } },
          headers: ifMatch(etag),
        }),
      ),
    { invalidates: [[...segmentsKey(sandbox), 'list']] },
  );
  const known = new Map(uses.items.map((use) => [use.id, use]));
  const standing = [...new Set([...known.keys(), ...refused])];
  return (
    <ConfirmDialog
      title={t('segments.delete.title')}
      confirm={t('segments.delete')}
      typeName={segment.name}
      isWaiting={uses.isPending}
      onConfirm={async () => {
        try {
          await remove.mutateAsync(undefined);
        } catch (error) {
          setRefused(usersIn(error));
          throw error;
        }
        flash.success(t('segments.deleted', { name: segment.name }));
        void navigate(inSandbox(sandbox, 'segments'));
      }}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <span>{t('segments.delete.detail', { identities: segment.counts.identities })}</span>
        {standing.length > 0 && (
          <Alert type="warning" header={t('segments.delete.inUse')}>
            <ul>
              {standing.map((id) => {
                const use = known.get(id);
                return (
                  <li key={id}>
                    {use && `${t(`segments.use.${use.kind}`)}: `}
                    <NameOrId name={use?.name ?? null} id={id} href={use?.href ?? placeOf(sandbox, id) ?? ''} />
                  </li>
                );
              })}
            </ul>
          </Alert>
        )}
      </SpaceBetween>
    </ConfirmDialog>
  );
}

/** The ids of what stands in the way of a deletion, as the API names them. */
export function usersIn(error: unknown): string[] {
  if (!(error instanceof ProblemError) || error.reason !== 'in_use') return [];
  return ['feedIds', 'activationIds', 'segmentIds'].flatMap((name) => {
    const ids = error.members[name];
    return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
  });
}

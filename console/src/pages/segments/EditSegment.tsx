import { bodyOf, ifMatch, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction, useEdited } from '../../api/queries';
import { DryRunDialog } from '../../components/DryRunDialog';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { Effects } from './Effects';
import { changesOf, inputOf, mayStopSharing } from './editing';
import { segmentsKey, useSegment } from './queries';
import { SegmentForm } from './SegmentForm';

type Patch = Schemas['PatchSegment'];

export default function EditSegment() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { segment = '' } = useParams();
  const read = useSegment(sandbox, segment);
  const edited = useEdited(read);
  const [asked, setAsked] = useState<Patch | null>(null);
  const detail = inSandbox(sandbox, 'segments', segment);
  const title = `${t('segments.edit')}: ${read.data?.value.name ?? segment}`;
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('segments.title'), href: inSandbox(sandbox, 'segments') },
      { text: read.data?.value.name ?? segment, href: detail },
      { text: t('segments.edit') },
    ],
  });
  const path = { sandbox, segment };
  const update = useAction(
    (body: Patch) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/segments/{segment}', {
          params: { path },
          body,
          headers: ifMatch(edited?.etag),
        }),
      ),
    { invalidates: [segmentsKey(sandbox)] },
  );
  const tryOut = (body: Patch, signal: AbortSignal) =>
    bodyOf(
      api.PATCH('/sandboxes/{sandbox}/segments/{segment}', {
        params: { path, query: { dryRun: true } },
        body,
        signal,
      }),
    ) as Promise<Schemas['RulesPreview']>;
  if (!edited)
    return read.error ? (
      <PageProblem title={title} error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <Loading />
    );
  const { value } = edited;
  if (value.origin === 'received')
    return (
      <PageProblem
        title={title}
        error={new Error(t('segments.received.fixed'))}
        onRetry={() => void navigate(detail)}
      />
    );
  const done = () => {
    flash.success(t('segments.changed'));
    void navigate(detail);
  };
  const submit = (changes: Patch) => {
    if (Object.keys(changes).length === 0) void navigate(detail);
    else if (mayStopSharing(changes)) setAsked(changes);
    else update.mutate(changes, { onSuccess: done });
  };
  return (
    <>
      <SegmentForm
        title={title}
        submit={t('segments.save')}
        initial={inputOf(value)}
        error={update.error}
        isPending={update.isPending}
        onSubmit={(input) => submit(changesOf(value, input))}
        back={detail}
        existing={{ segmentId: segment, check: (expression, signal) => tryOut({ expression }, signal) }}
      />
      {asked && (
        <DryRunDialog
          title={t('segments.effects.title')}
          confirm={t('segments.save')}
          dryRun={(signal) => tryOut(asked, signal)}
          onConfirm={async () => {
            await update.mutateAsync(asked);
            done();
          }}
          onClose={() => setAsked(null)}
        >
          {(found) => <Effects found={found} />}
        </DryRunDialog>
      )}
    </>
  );
}

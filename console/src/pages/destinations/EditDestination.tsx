import { bodyOf, ifMatch, ProblemError, type Schemas } from 'handfast-client';
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
import { ChangePreview } from './ChangePreview';
import { DestinationForm } from './DestinationForm';
import { changesTo, inputOf } from './destination-input';
import { destinationsKey, useDestination, useDestinationTypes } from './queries';
import { useDestinationPreview } from './use-preview';

type Changes = Schemas['PatchDestination'];

export default function EditDestination() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { destination = '' } = useParams();
  const read = useDestination(sandbox, destination);
  const held = useEdited(read);
  const types = useDestinationTypes();
  const preview = useDestinationPreview(destination);
  const [asked, setAsked] = useState<Changes | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const detail = inSandbox(sandbox, 'destinations', destination);
  const title = `${t('destinations.edit')}: ${read.data?.value.name ?? destination}`;
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('destinations.title'), href: inSandbox(sandbox, 'destinations') },
      { text: read.data?.value.name ?? destination, href: detail },
      { text: t('destinations.edit') },
    ],
  });
  const update = useAction(
    (body: Changes) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/destinations/{destination}', {
          params: { path: { sandbox, destination } },
          body,
          headers: ifMatch(held?.etag),
        }),
      ),
    { invalidates: [destinationsKey(sandbox)] },
  );
  const type = types.data?.value.items.find((one) => one.type === held?.value.type);
  const error = read.error ?? types.error;
  if (!held || !type)
    return error ? (
      <PageProblem title={title} error={error} onRetry={() => void (read.error ? read : types).refetch()} />
    ) : (
      <Loading />
    );
  const before = held.value;
  return (
    <>
      <DestinationForm
        type={type}
        title={title}
        submit={t('destinations.save')}
        initial={inputOf(type, before)}
        secretNames={before.secretNames}
        error={refused ?? update.error}
        isPending={false}
        onSubmit={(input) => {
          const changes = changesTo(type, before, input);
          if (Object.keys(changes).length === 0) void navigate(detail);
          else setAsked(changes);
        }}
        back={detail}
      />
      {asked && (
        <DryRunDialog
          title={t('destinations.save.title')}
          confirm={t('destinations.save')}
          dryRun={async (signal) => {
            setRefused(null);
            try {
              return await preview(asked, signal);
            } catch (error) {
              // What is wrong with a field is said at the field.
              if (error instanceof ProblemError && error.errors.length > 0) setAsked(null);
              setRefused(error);
              throw error;
            }
          }}
          onConfirm={async () => {
            await update.mutateAsync(asked);
            flash.success(t('destinations.changed'));
            void navigate(detail);
          }}
          onClose={() => setAsked(null)}
        >
          {(found) => <ChangePreview preview={found} />}
        </DryRunDialog>
      )}
    </>
  );
}

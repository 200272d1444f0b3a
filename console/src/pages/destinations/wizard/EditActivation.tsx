import { bodyOf, ifMatch, type Schemas } from 'handfast-client';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../../api/context';
import { useSandbox } from '../../../api/me';
import { useAction, useEdited } from '../../../api/queries';
import { PageProblem } from '../../../components/PageProblem';
import { useT } from '../../../i18n/messages';
import { useFlash } from '../../../layout/flash';
import { usePage } from '../../../layout/page';
import { Loading } from '../../../layout/RoutePage';
import { inSandbox } from '../../../paths';
import { destinationsKey, useActivation, useDestination, useDestinationTypes } from '../queries';
import { ActivationWizard } from './ActivationWizard';
import { draftOf } from './draft';
import type { ActivationPreview } from './Preview';

type Body = Schemas['PatchActivation'];

export default function EditActivation() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { destination = '', activation = '' } = useParams();
  const read = useActivation(sandbox, destination, activation);
  const held = useEdited(read);
  const destinationRead = useDestination(sandbox, destination);
  const types = useDestinationTypes();
  const of = destinationRead.data?.value;
  const type = types.data?.value.items.find((one) => one.type === of?.type);
  const failed = [read, destinationRead, types].find(({ error }) => error);
  const back = inSandbox(sandbox, 'destinations', destination, 'activations', activation);
  const title = t('destinations.activation.edit');
  usePage({
    title,
    contentType: 'wizard',
    breadcrumbs: [
      { text: t('destinations.title'), href: inSandbox(sandbox, 'destinations') },
      { text: of?.name ?? destination, href: inSandbox(sandbox, 'destinations', destination) },
      { text: t('destinations.activation'), href: back },
      { text: title },
    ],
  });
  const path = { sandbox, destination, activation };
  const change = useAction(
    (body: Body) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}', {
          params: { path },
          body,
          headers: ifMatch(held?.etag),
        }),
      ),
    { invalidates: [destinationsKey(sandbox)] },
  );
  if (!held || !of || !type)
    return failed ? (
      <PageProblem title={title} error={failed.error} onRetry={() => void failed.refetch()} />
    ) : (
      <Loading />
    );
  return (
    <ActivationWizard
      destination={of}
      type={type}
      initial={draftOf(held.value)}
      activation={activation}
      dryRun={(body) =>
        bodyOf(
          api.PATCH('/sandboxes/{sandbox}/destinations/{destination}/activations/{activation}', {
            params: { path, query: { dryRun: true } },
            body,
          }),
        ) as Promise<ActivationPreview>
      }
      onSubmit={async (body) => {
        await change.mutateAsync(body);
        flash.success(t('destinations.activation.changed'));
        void navigate(back);
      }}
      submit={t('destinations.save')}
      back={back}
    />
  );
}

import { bodyOf, type Schemas } from 'handfast-client';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../../api/context';
import { useSandbox } from '../../../api/me';
import { useAction } from '../../../api/queries';
import { PageProblem } from '../../../components/PageProblem';
import { useT } from '../../../i18n/messages';
import { useFlash } from '../../../layout/flash';
import { usePage } from '../../../layout/page';
import { Loading } from '../../../layout/RoutePage';
import { inSandbox } from '../../../paths';
import { type Activation, destinationsKey, useDestination, useDestinationTypes } from '../queries';
import { ActivationWizard } from './ActivationWizard';
import { EMPTY } from './draft';
import type { ActivationPreview } from './Preview';

type Body = Schemas['CreateActivation'];

export default function CreateActivation() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { destination = '' } = useParams();
  const read = useDestination(sandbox, destination);
  const types = useDestinationTypes();
  const type = types.data?.value.items.find((one) => one.type === read.data?.value.type);
  const failed = [read, types].find(({ error }) => error);
  const back = inSandbox(sandbox, 'destinations', destination);
  const title = t('destinations.activate');
  usePage({
    title,
    contentType: 'wizard',
    breadcrumbs: [
      { text: t('destinations.title'), href: inSandbox(sandbox, 'destinations') },
      { text: read.data?.value.name ?? destination, href: back },
      { text: title },
    ],
  });
  const path = { sandbox, destination };
  const activate = useAction(
    (body: Body, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/destinations/{destination}/activations', {
          params: { path },
          body,
          headers: once,
        }),
      ) as Promise<Activation>,
    { invalidates: [destinationsKey(sandbox)] },
  );
  if (!read.data || !type)
    return failed ? (
      <PageProblem title={title} error={failed.error} onRetry={() => void failed.refetch()} />
    ) : (
      <Loading />
    );
  return (
    <ActivationWizard
      destination={read.data.value}
      type={type}
      initial={EMPTY}
      dryRun={(body) =>
        bodyOf(
          api.POST('/sandboxes/{sandbox}/destinations/{destination}/activations', {
            params: { path, query: { dryRun: true } },
            body,
          }),
        ) as Promise<ActivationPreview>
      }
      onSubmit={async (body) => {
        const made = await activate.mutateAsync(body);
        flash.success(t('destinations.activated.done', { count: made.segments.length }));
        void navigate(inSandbox(sandbox, 'destinations', destination, 'activations', made.activationId));
      }}
      submit={t('destinations.activate.short')}
      back={back}
    />
  );
}

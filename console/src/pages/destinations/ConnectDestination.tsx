import { bodyOf } from 'handfast-client';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { NotFound } from '../../layout/notices';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { DestinationForm } from './DestinationForm';
import { type DestinationInput, inputOf, newDestination } from './destination-input';
import { type DestinationType, destinationsKey, useDestinationTypes } from './queries';

export default function ConnectDestination() {
  const t = useT();
  const sandbox = useSandbox();
  const { type: wanted = '' } = useParams();
  const types = useDestinationTypes();
  const type = types.data?.value.items.find((one) => one.type === wanted);
  const title = t('destinations.connectTo', { type: type?.name ?? wanted });
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('destinations.title'), href: inSandbox(sandbox, 'destinations') },
      { text: t('destinations.catalogue'), href: inSandbox(sandbox, 'destinations/catalogue') },
      { text: type?.name ?? wanted },
    ],
  });
  if (type) return <Connect key={type.type} type={type} />;
  if (types.error) return <PageProblem title={title} error={types.error} onRetry={() => void types.refetch()} />;
  return types.data ? <NotFound /> : <Loading />;
}

function Connect({ type }: { type: DestinationType }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const connect = useAction(
    (input: DestinationInput, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/destinations', {
          params: { path: { sandbox } },
          body: newDestination(type, input),
          headers: once,
        }),
      ),
    { invalidates: [destinationsKey(sandbox)] },
  );
  return (
    <DestinationForm
      type={type}
      title={t('destinations.connectTo', { type: type.name })}
      submit={t('destinations.connect.short')}
      initial={inputOf(type)}
      error={connect.error}
      isPending={connect.isPending}
      onSubmit={(input) =>
        connect.mutate(input, {
          onSuccess: ({ destinationId, name }) => {
            flash.success(t('destinations.connected', { name }));
            void navigate(inSandbox(sandbox, 'destinations', destinationId));
          },
        })
      }
      back={inSandbox(sandbox, 'destinations/catalogue')}
    />
  );
}

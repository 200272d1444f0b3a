import type { Schemas } from 'handfast-client';
import { Navigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useList } from '../../api/queries';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { NotFound } from '../../layout/notices';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { destinationsKey } from './queries';

/** Leads from an activation's id alone, as events name it, to its page below its destination. */
export default function FindActivation() {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const { activation = '' } = useParams();
  const flows = useList<Schemas['AnyDataflow']>([...destinationsKey(sandbox), 'dataflows'], (query, signal) =>
    api.GET('/sandboxes/{sandbox}/dataflows', { params: { path: { sandbox }, query }, signal }),
  );
  const title = t('destinations.activation');
  usePage({
    title,
    breadcrumbs: [{ text: t('destinations.title'), href: inSandbox(sandbox, 'destinations') }, { text: title }],
  });
  if (!flows.data)
    return flows.error ? (
      <PageProblem title={title} error={flows.error} onRetry={() => void flows.refetch()} />
    ) : (
      <Loading />
    );
  const found = flows.data.items.find((flow) => 'activationId' in flow && flow.activationId === activation);
  if (!found || !('destinationId' in found)) return <NotFound />;
  return <Navigate replace to={inSandbox(sandbox, 'destinations', found.destinationId, 'activations', activation)} />;
}

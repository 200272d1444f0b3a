import { bodyOf, ifMatch, type Schemas } from 'handfast-client';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction, useEdited } from '../../api/queries';
import { PageProblem } from '../../components/PageProblem';
import { AreaMessages, useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { changesTo, inputOf } from './input';
import { sourcesKey, useSource } from './queries';
import { SourceWizard } from './SourceWizard';

export default function EditSource() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { source: id = '' } = useParams();
  const read = useSource(sandbox, id);
  const edited = useEdited(read);
  const back = inSandbox(sandbox, 'sources', id);
  const title = t('sources.edit');
  usePage({
    title,
    contentType: 'wizard',
    breadcrumbs: [
      { text: t('sources.title'), href: inSandbox(sandbox, 'sources') },
      { text: edited?.value.name ?? id, href: back },
      { text: title },
    ],
  });
  const change = useAction(
    (body: Schemas['PatchSource']) =>
      bodyOf(
        api.PATCH('/sandboxes/{sandbox}/sources/{source}', {
          params: { path: { sandbox, source: id } },
          body,
          headers: ifMatch(edited?.etag),
        }),
      ),
    { invalidates: [sourcesKey(sandbox)] },
  );
  if (!edited)
    return read.error ? (
      <PageProblem title={title} error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <Loading />
    );
  return (
    <AreaMessages area="segments">
      <SourceWizard
        initial={inputOf(edited.value)}
        source={edited.value}
        submit={t('sources.save')}
        back={back}
        onSubmit={async (input, columns) => {
          await change.mutateAsync(changesTo(edited.value, input, columns));
          flash.success(t('sources.changed'));
          void navigate(back);
        }}
      />
    </AreaMessages>
  );
}

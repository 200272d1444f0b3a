import { bodyOf, type Schemas } from 'handfast-client';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { AreaMessages, useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { EMPTY, newSource } from './input';
import { sourcesKey } from './queries';
import { SourceWizard } from './SourceWizard';

export default function CreateSource() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'sources');
  usePage({
    title: t('sources.create'),
    contentType: 'wizard',
    breadcrumbs: [{ text: t('sources.title'), href: list }, { text: t('sources.create') }],
  });
  const create = useAction(
    (body: Schemas['CreateSource'], once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/sources', { params: { path: { sandbox } }, body, headers: once })),
    { invalidates: [sourcesKey(sandbox)] },
  );
  return (
    <AreaMessages area="segments">
      <SourceWizard
        initial={EMPTY}
        submit={t('sources.create')}
        back={list}
        onSubmit={async (input, columns) => {
          const { sourceId } = await create.mutateAsync(newSource(input, columns));
          flash.success(t(input.kind === 'sftp' ? 'sources.created' : 'sources.created.role'));
          void navigate(inSandbox(sandbox, 'sources', sourceId));
        }}
      />
    </AreaMessages>
  );
}
